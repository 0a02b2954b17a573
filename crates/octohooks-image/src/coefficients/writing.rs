//! A picture's coefficients, written as a baseline JPEG in another order (ITU T.81, B.2 and F.1.2).
//!
//! Comes in: a [`Picture`], its coefficients, how it is to be placed. Goes out: a JPEG with headers of our own, which hold
//! what its colours need and nothing else. It has the Huffman tables of the file, or those of the standard if these lack
//! something that is needed now.

use super::Unusual;
use super::huffman::{Codes, Spec, standard_ac, standard_dc};
use super::placement::Placement;
use super::reading::{Amplitude, Coefficients, holds_ones};
use super::segments::{Component, Density, Picture};
use super::shift::Shifted;
use super::zigzag::Moves;

/// Writes it with its own tables if that is possible.
pub(super) fn write(picture: &Picture, coefficients: &Coefficients, placement: Placement) -> Result<Vec<u8>, Unusual> {
    let own = |component: &Component| Tables { dc: component.dc_table, ac: component.ac_table };
    let tables: Vec<_> = picture.components.iter().map(own).collect();
    let specs = (picture.dc_tables.clone(), picture.ac_tables.clone());
    write_with(picture, coefficients, placement, &tables, &specs).or_else(|Unusual| {
        let tables: Vec<_> = (0..picture.components.len()).map(|index| u8::from(index > 0)).collect();
        let tables: Vec<_> = tables.into_iter().map(|number| Tables { dc: number, ac: number }).collect();
        let specs = (standard_dc().map(Some), standard_ac().map(Some));
        write_with(picture, coefficients, placement, &tables, &specs)
    })
}

/// Which Huffman tables a component uses.
#[derive(Clone, Copy)]
struct Tables {
    dc: u8,
    ac: u8,
}

type Specs = [Option<Spec>; 2];

fn write_with(
    picture: &Picture,
    coefficients: &Coefficients,
    placement: Placement,
    tables: &[Tables],
    specs: &(Specs, Specs),
) -> Result<Vec<u8>, Unusual> {
    // The coded data hardly change in length.
    let mut jpeg = Vec::with_capacity(picture.data.len() + picture.data.len() / 16 + 4096);
    write_headers(&mut jpeg, picture, placement, tables, specs)?;
    let codes = |specs: &Specs| specs.each_ref().map(|spec| spec.as_ref().map(Codes::of));
    let (dc_codes, ac_codes) = (codes(&specs.0), codes(&specs.1));
    let mut components = Vec::new();
    for ((index, component), tables) in picture.components.iter().enumerate().zip(tables) {
        components.push(Writing {
            dc: dc_codes[usize::from(tables.dc & 1)].as_ref().ok_or(Unusual)?,
            ac: ac_codes[usize::from(tables.ac & 1)].as_ref().ok_or(Unusual)?,
            source: Source::of(picture, coefficients, index, placement)?,
            sampling: placement.sides(component.sampling),
            blocks: placement.sides(component.blocks()),
            predicted: 0,
        });
    }
    let mut bits = Bits { jpeg, pending: Pending { word: 0, free: 64 } };
    let mut block = Block { present: 0, values: [0; 64] };
    let (mcus_x, mcus_y) = placement.sides(picture.mcus());
    for mcu_y in 0..mcus_y {
        for mcu_x in 0..mcus_x {
            for component in &mut components {
                component.write_mcu(&mut bits, (mcu_x, mcu_y), &mut block)?;
            }
        }
    }
    let mut jpeg = bits.end();
    jpeg.extend_from_slice(b"\xFF\xD9");
    Ok(jpeg)
}

/// A block in its new order: which of its amplitudes are not zero, and the values of these.
pub(super) struct Block {
    present: u64,
    values: [i16; 64],
}

impl Block {
    #[inline]
    pub(super) fn clear(&mut self, dc: i16) {
        self.present = 0;
        self.values[0] = dc;
    }

    #[inline]
    pub(super) fn set(&mut self, place: u8, value: i16) {
        self.present |= 1 << (place & 63);
        self.values[usize::from(place & 63)] = value;
    }
}

/// Where a component's blocks come from.
enum Source<'a> {
    Stored(Box<Stored<'a>>),
    Shifted(Box<Shifted<'a>>),
}

impl<'a> Source<'a> {
    fn of(
        picture: &Picture,
        coefficients: &'a Coefficients,
        index: usize,
        placement: Placement,
    ) -> Result<Self, Unusual> {
        let component = &picture.components[index];
        if component.shift(placement) == (0, 0) {
            let (blocks, moves) = (component.blocks(), Moves::of(placement));
            return Ok(Self::Stored(Box::new(Stored { coefficients, component: index, blocks, placement, moves })));
        }
        let steps = picture.quantisation.get(usize::from(component.quantisation)).and_then(Option::as_ref);
        let shifted = Shifted::new(coefficients, index, component, steps.ok_or(Unusual)?, placement);
        Ok(Self::Shifted(Box::new(shifted)))
    }

    /// The block at a place of the new picture.
    #[inline]
    fn read(&self, place: (usize, usize), block: &mut Block) {
        match self {
            Self::Stored(stored) => stored.read(place, block),
            Self::Shifted(shifted) => shifted.read(place, block),
        }
    }
}

/// A component whose blocks stay whole.
struct Stored<'a> {
    coefficients: &'a Coefficients,
    component: usize,
    blocks: (usize, usize),
    placement: Placement,
    moves: Moves,
}

impl Stored<'_> {
    #[inline]
    fn read(&self, place: (usize, usize), block: &mut Block) {
        let (x, y) = self.placement.sides(place);
        let x = if self.placement.mirror_x { self.blocks.0 - 1 - x } else { x };
        let y = if self.placement.mirror_y { self.blocks.1 - 1 - y } else { y };
        let (dc, amplitudes) = self.coefficients.block(self.component, (x, y));
        block.clear(dc);
        for &Amplitude { place, value } in amplitudes {
            let (place, value) = self.moves.apply(place, value);
            block.set(place, value);
        }
    }
}

/// A component while it is written.
struct Writing<'a> {
    dc: &'a Codes,
    ac: &'a Codes,
    source: Source<'a>,
    sampling: (usize, usize),
    blocks: (usize, usize),
    predicted: i16,
}

impl Writing<'_> {
    #[inline]
    fn write_mcu(&mut self, bits: &mut Bits, (mcu_x, mcu_y): (usize, usize), block: &mut Block) -> Result<(), Unusual> {
        for y in mcu_y * self.sampling.1..(mcu_y + 1) * self.sampling.1 {
            for x in mcu_x * self.sampling.0..(mcu_x + 1) * self.sampling.0 {
                if x < self.blocks.0 && y < self.blocks.1 {
                    self.source.read((x, y), block);
                } else {
                    // It only fills the last MCU, and nobody sees it: the block before, without its detail.
                    block.clear(self.predicted);
                }
                self.write_block(bits, block)?;
            }
        }
        Ok(())
    }

    #[inline]
    fn write_block(&mut self, stream: &mut Bits, block: &Block) -> Result<(), Unusual> {
        // A copy that nobody else can look at stays in registers.
        let Bits { jpeg, pending } = stream;
        let mut bits = *pending;
        let dc = block.values[0];
        bits.put_value(jpeg, self.dc, 0, dc - self.predicted)?;
        self.predicted = dc;
        let (mut present, mut last) = (block.present, 0);
        while present != 0 {
            let place = present.trailing_zeros();
            present &= present - 1;
            let mut zeros = place - last - 1;
            while zeros > 15 {
                bits.put_value(jpeg, self.ac, 0xF0, 0)?;
                zeros -= 16;
            }
            #[expect(clippy::cast_possible_truncation, reason = "at most fifteen")]
            bits.put_value(jpeg, self.ac, (zeros as u8) << 4, block.values[(place & 63) as usize])?;
            last = place;
        }
        if last < 63 {
            bits.put_value(jpeg, self.ac, 0, 0)?;
        }
        *pending = bits;
        Ok(())
    }
}

/// A scan while it is written.
struct Bits {
    jpeg: Vec<u8>,
    pending: Pending,
}

impl Bits {
    /// Fills the last byte with ones (ITU T.81, F.1.2.3).
    fn end(self) -> Vec<u8> {
        let Self { mut jpeg, mut pending } = self;
        let padding = pending.free % 8;
        pending.put(&mut jpeg, (1 << padding) - 1, padding);
        let bytes = pending.word.unbounded_shl(pending.free).to_be_bytes();
        put_bytes(&mut jpeg, &bytes[..(8 - pending.free / 8) as usize]);
        jpeg
    }
}

/// The bits that do not fill a word yet.
#[derive(Clone, Copy)]
struct Pending {
    /// All but the topmost `free` bits; those may be anything.
    word: u64,
    free: u32,
}

impl Pending {
    /// The code of a symbol, with the size of the value in its lower half, and then the value.
    #[expect(clippy::inline_always, reason = "it is nearly all that writing takes")]
    #[inline(always)]
    fn put_value(&mut self, jpeg: &mut Vec<u8>, codes: &Codes, symbol: u8, value: i16) -> Result<(), Unusual> {
        let size = 16 - value.unsigned_abs().leading_zeros();
        #[expect(clippy::cast_possible_truncation, reason = "values have less than sixteen bits")]
        let code = codes.code(symbol | size as u8);
        if code.length == 0 {
            return Err(Unusual);
        }
        // A value below zero is written as what is left of ones (ITU T.81, F.1.2.1.1).
        let value = u32::from((value + (value >> 15)).cast_unsigned()) & ((1 << size) - 1);
        self.put(jpeg, u32::from(code.bits) << size | value, u32::from(code.length) + size);
        Ok(())
    }

    #[inline]
    fn put(&mut self, jpeg: &mut Vec<u8>, bits: u32, count: u32) {
        if count <= self.free {
            self.word = self.word << count | u64::from(bits);
            self.free -= count;
            return;
        }
        let rest = count - self.free;
        let full = self.word.unbounded_shl(self.free) | u64::from(bits >> rest);
        if holds_ones(full) {
            put_bytes(jpeg, &full.to_be_bytes());
        } else {
            jpeg.extend_from_slice(&full.to_be_bytes());
        }
        self.word = u64::from(bits);
        self.free = 64 - rest;
    }
}

/// A zero is stuffed behind each byte of ones (ITU T.81, F.1.2.3).
#[cold]
fn put_bytes(jpeg: &mut Vec<u8>, bytes: &[u8]) {
    for &byte in bytes {
        jpeg.push(byte);
        if byte == 0xFF {
            jpeg.push(0);
        }
    }
}

fn write_headers(
    jpeg: &mut Vec<u8>,
    picture: &Picture,
    placement: Placement,
    tables: &[Tables],
    (dc_specs, ac_specs): &(Specs, Specs),
) -> Result<(), Unusual> {
    jpeg.extend_from_slice(b"\xFF\xD8");
    if let Some(Density { unit, dots }) = picture.density {
        let (x, y) = placement.sides(dots);
        put_segment(jpeg, 0xE0, &[b"JFIF\0\x01\x01".as_slice(), &[unit], &x, &y, b"\0\0"].concat())?;
    }
    for (number, segment) in &picture.colours {
        put_segment(jpeg, 0xE0 + number, segment)?;
    }
    let moves = Moves::of(Placement { transpose: placement.transpose, ..Placement::default() });
    for number in 0u8..4 {
        if picture.components.iter().any(|component| component.quantisation == number) {
            let table = picture.quantisation[usize::from(number)].as_ref().ok_or(Unusual)?;
            put_segment(jpeg, 0xDB, &[[number].as_slice(), &moves.table(table)].concat())?;
        }
    }
    let (width, height) = placement.sides(picture.size);
    let side = |side: usize| u16::try_from(side).map(u16::to_be_bytes).map_err(|_| Unusual);
    let count = u8::try_from(picture.components.len()).map_err(|_| Unusual)?;
    let mut frame = [[8].as_slice(), &side(height)?, &side(width)?, &[count]].concat();
    for component in &picture.components {
        let (h, v) = placement.sides(component.sampling);
        let sampling = u8::try_from(h << 4 | v).map_err(|_| Unusual)?;
        frame.extend_from_slice(&[component.id, sampling, component.quantisation]);
    }
    put_segment(jpeg, 0xC0, &frame)?;
    let mut scan = vec![count];
    for number in 0u8..2 {
        let mut put_table = |class: u8, specs: &Specs| {
            let spec = specs[usize::from(number)].as_ref().ok_or(Unusual)?;
            put_segment(jpeg, 0xC4, &[[class << 4 | number].as_slice(), &spec.counts, &spec.symbols].concat())
        };
        if tables.iter().any(|tables| tables.dc == number) {
            put_table(0, dc_specs)?;
        }
        if tables.iter().any(|tables| tables.ac == number) {
            put_table(1, ac_specs)?;
        }
    }
    for (component, tables) in picture.components.iter().zip(tables) {
        scan.extend_from_slice(&[component.id, tables.dc << 4 | tables.ac]);
    }
    scan.extend_from_slice(&[0, 63, 0]);
    put_segment(jpeg, 0xDA, &scan)
}

fn put_segment(jpeg: &mut Vec<u8>, marker: u8, content: &[u8]) -> Result<(), Unusual> {
    let length = u16::try_from(content.len() + 2).map_err(|_| Unusual)?;
    jpeg.extend_from_slice(&[0xFF, marker]);
    jpeg.extend_from_slice(&length.to_be_bytes());
    jpeg.extend_from_slice(content);
    Ok(())
}
