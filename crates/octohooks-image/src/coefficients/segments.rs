//! What stands before the coefficients of a JPEG: its frame, its tables, its scan (ITU T.81, annex B).
//!
//! Comes in: the file. Goes out: a [`Picture`] of one scan that holds one or three components of 8 bits, coded by Huffman
//! and in sequence; what every camera makes. Anything else is unusual. Nothing is decoded here.

use super::Unusual;
use super::huffman::Spec;
use super::placement::Placement;
use crate::exif;
use crate::header::{next_marker, segment};

/// More than this takes no decoder (ITU T.81, B.2.3).
const MAX_BLOCKS_PER_MCU: usize = 10;

/// A file, taken to pieces.
pub(super) struct Picture<'a> {
    /// Width and height.
    pub(super) size: (usize, usize),
    pub(super) components: Vec<Component>,
    /// By their number, in stored order.
    pub(super) quantisation: [Option<[u8; 64]>; 4],
    pub(super) dc_tables: [Option<Spec>; 2],
    pub(super) ac_tables: [Option<Spec>; 2],
    /// After how many MCUs the coding begins anew; 0 is never.
    pub(super) restart_interval: usize,
    /// What its EXIF tag asks for.
    pub(super) tagged: Placement,
    /// How close its pixels stand, if it says that it is a JFIF file.
    pub(super) density: Option<Density>,
    /// What says how its colours are meant, by the number of the application segment: a profile, and Adobe's mark.
    pub(super) colours: Vec<(u8, &'a [u8])>,
    /// The scan's data and whatever follows.
    pub(super) data: &'a [u8],
}

/// How close pixels stand, as a JFIF file has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Density {
    pub(super) unit: u8,
    /// From left to right, and from top to bottom.
    pub(super) dots: ([u8; 2], [u8; 2]),
}

/// One of its colours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Component {
    pub(super) id: u8,
    /// How many of its blocks stand side by side and one below the other in an MCU.
    pub(super) sampling: (usize, usize),
    pub(super) quantisation: u8,
    pub(super) dc_table: u8,
    pub(super) ac_table: u8,
    /// Its size in samples.
    pub(super) size: (usize, usize),
}

impl Component {
    /// Its size in blocks, without those that only fill an MCU.
    pub(super) fn blocks(&self) -> (usize, usize) {
        (self.size.0.div_ceil(8), self.size.1.div_ceil(8))
    }

    /// How far the blocks of each side are off the grid when it is mirrored.
    pub(super) fn shift(&self, placement: Placement) -> (usize, usize) {
        let of = |is_mirrored: bool, side: usize| if is_mirrored { side.next_multiple_of(8) - side } else { 0 };
        (of(placement.mirror_x, self.size.0), of(placement.mirror_y, self.size.1))
    }
}

impl<'a> Picture<'a> {
    pub(super) fn read(jpeg: &'a [u8]) -> Result<Self, Unusual> {
        let mut picture = Self {
            size: (0, 0),
            components: Vec::new(),
            quantisation: [None; 4],
            dc_tables: [None, None],
            ac_tables: [None, None],
            restart_interval: 0,
            tagged: Placement::default(),
            density: None,
            colours: Vec::new(),
            data: &[],
        };
        let mut rest = jpeg.strip_prefix(b"\xFF\xD8").ok_or(Unusual)?;
        loop {
            let (marker, after) = next_marker(rest).ok_or(Unusual)?;
            let (segment, after) = segment(after).map_err(|_| Unusual)?;
            match marker {
                0xC0 | 0xC1 => picture.frame(segment)?,
                0xC4 => picture.huffman_tables(segment)?,
                0xDB => picture.quantisation_tables(segment)?,
                0xDD => picture.restart_interval = usize::from(u16::from_be_bytes(exactly(segment)?)),
                0xDA => {
                    picture.scan(segment)?;
                    picture.data = after;
                    return Ok(picture);
                }
                0xE0..=0xEF => picture.application(marker - 0xE0, segment)?,
                0xFE => {}
                _ => return Err(Unusual),
            }
            rest = after;
        }
    }

    /// How many MCUs stand side by side and one below the other. The only component of a grey picture has one block in
    /// each.
    pub(super) fn mcus(&self) -> (usize, usize) {
        let (h_max, v_max) = self.sampling_max();
        (self.size.0.div_ceil(8 * h_max), self.size.1.div_ceil(8 * v_max))
    }

    /// Whether its blocks can be placed so: a mirrored side has to end with a sample in every component.
    pub(super) fn can_be(&self, placement: Placement) -> bool {
        let (h_max, v_max) = self.sampling_max();
        self.components.iter().all(|component| {
            let ends = |is_mirrored: bool, side: usize, factor: usize, max: usize| {
                !is_mirrored || (side * factor).is_multiple_of(max)
            };
            ends(placement.mirror_x, self.size.0, component.sampling.0, h_max)
                && ends(placement.mirror_y, self.size.1, component.sampling.1, v_max)
        })
    }

    fn sampling_max(&self) -> (usize, usize) {
        let max = |of: fn(&Component) -> usize| self.components.iter().map(of).max().unwrap_or(1);
        (max(|component| component.sampling.0), max(|component| component.sampling.1))
    }

    fn frame(&mut self, segment: &[u8]) -> Result<(), Unusual> {
        let Some((&[8, h1, h0, w1, w0, count], components)) = segment.split_first_chunk() else {
            return Err(Unusual);
        };
        let (components, rest) = components.as_chunks::<3>();
        if !rest.is_empty() || components.len() != usize::from(count) || !matches!(count, 1 | 3) {
            return Err(Unusual);
        }
        self.size = (usize::from(u16::from_be_bytes([w1, w0])), usize::from(u16::from_be_bytes([h1, h0])));
        // These numbers stand for colours of a wider range, which hardly anything can read.
        if let [[1, _, _], [34, _, _], [35, _, _]] | [[114, _, _], [103, _, _], [98, _, _]] = components {
            return Err(Unusual);
        }
        let is_grey = count == 1;
        self.components = components
            .iter()
            .map(|&[id, sampling, quantisation]| Component {
                id,
                sampling: if is_grey { (1, 1) } else { (usize::from(sampling >> 4), usize::from(sampling & 15)) },
                quantisation,
                dc_table: 0,
                ac_table: 0,
                size: (0, 0),
            })
            .collect();
        let (h_max, v_max) = self.sampling_max();
        let is_odd = |&(h, v): &(usize, usize)| {
            !(1..=4).contains(&h) || !(1..=4).contains(&v) || h_max % h != 0 || v_max % v != 0
        };
        let samplings = || self.components.iter().map(|component| component.sampling);
        if samplings().any(|sampling| is_odd(&sampling))
            || samplings().map(|(h, v)| h * v).sum::<usize>() > MAX_BLOCKS_PER_MCU
        {
            return Err(Unusual);
        }
        for Component { sampling, size, .. } in &mut self.components {
            *size = ((self.size.0 * sampling.0).div_ceil(h_max), (self.size.1 * sampling.1).div_ceil(v_max));
        }
        Ok(())
    }

    fn quantisation_tables(&mut self, mut segment: &[u8]) -> Result<(), Unusual> {
        while let Some((&number, rest)) = segment.split_first() {
            let (table, rest) =
                rest.split_first_chunk::<64>().filter(|(table, _)| !table.contains(&0)).ok_or(Unusual)?;
            // A number above 3 is none, or one whose steps have 16 bits.
            *self.quantisation.get_mut(usize::from(number)).ok_or(Unusual)? = Some(*table);
            segment = rest;
        }
        Ok(())
    }

    fn huffman_tables(&mut self, mut segment: &[u8]) -> Result<(), Unusual> {
        while let Some((&number, rest)) = segment.split_first() {
            let (spec, rest) = Spec::read(rest)?;
            let tables = if number >> 4 == 0 { &mut self.dc_tables } else { &mut self.ac_tables };
            *tables.get_mut(usize::from(number & 15)).filter(|_| number < 0x20).ok_or(Unusual)? = Some(spec);
            segment = rest;
        }
        Ok(())
    }

    fn application(&mut self, number: u8, segment: &'a [u8]) -> Result<(), Unusual> {
        match number {
            0 => {
                if let Some(&[b'J', b'F', b'I', b'F', 0, _, _, unit, x1, x0, y1, y0]) = segment.first_chunk() {
                    self.density = Some(Density { unit, dots: ([x1, x0], [y1, y0]) });
                }
            }
            // The last one counts for the decoder, too.
            1 => {
                if let Some(exif) = segment.strip_prefix(b"Exif\0\0") {
                    self.tagged = exif::orientation(exif).into();
                }
            }
            2 if segment.starts_with(b"ICC_PROFILE\0") => self.colours.push((number, segment)),
            14 if segment.starts_with(b"Adobe\0") => match segment.get(11) {
                Some(0..=2) => self.colours.push((number, segment)),
                Some(_) => return Err(Unusual),
                None => {}
            },
            _ => {}
        }
        Ok(())
    }

    fn scan(&mut self, segment: &[u8]) -> Result<(), Unusual> {
        let (&count, rest) = segment.split_first().ok_or(Unusual)?;
        let (selectors, rest) = rest.as_chunks::<2>();
        let (selectors, spectrum) = (selectors.split_last_chunk::<1>().ok_or(Unusual)?, rest);
        let ((selectors, [[first, last]]), &[approximation]) = (selectors, spectrum) else { return Err(Unusual) };
        if (*first, *last, approximation) != (0, 63, 0)
            || usize::from(count) != selectors.len()
            || selectors.len() != self.components.len()
            || self.components.is_empty()
        {
            return Err(Unusual);
        }
        for (component, &[id, tables]) in self.components.iter_mut().zip(selectors) {
            (component.dc_table, component.ac_table) = (tables >> 4, tables & 15);
            let has_steps = self.quantisation.get(usize::from(component.quantisation)).is_some_and(Option::is_some);
            if id != component.id || component.dc_table > 1 || component.ac_table > 1 || !has_steps {
                return Err(Unusual);
            }
        }
        Ok(())
    }
}

fn exactly<const N: usize>(segment: &[u8]) -> Result<[u8; N], Unusual> {
    segment.try_into().map_err(|_| Unusual)
}
