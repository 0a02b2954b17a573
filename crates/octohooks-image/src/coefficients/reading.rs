//! The coefficients of a picture, read from its scan (ITU T.81, F.2).
//!
//! Comes in: a [`Picture`], whose data nobody has looked at. Goes out: every block of each component in a compact form. Data
//! that end early, a code that is none, or anything between the last block and the end of the picture is unusual.
//!
//! Only amplitudes that are not zero are kept. More than one and a half for each pixel make the picture unusual: that is six
//! bytes per pixel, what the decoder takes.

use super::Unusual;
use super::huffman::{Lookup, extended};
use super::segments::Picture;

/// Beyond these, no picture of 8 bits has amplitudes, whatever its steps.
const MAX_DC: i16 = 2047;
const MAX_AC_BITS: u8 = 10;

/// An amplitude that is not zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Amplitude {
    /// Its place in the stored order, 1..=63.
    pub(super) place: u8,
    pub(super) value: i16,
}

/// A block: its mean, and where its amplitudes are.
#[derive(Debug, Clone, Copy, Default)]
struct Block {
    start: u32,
    count: u8,
    dc: i16,
}

/// The blocks of a component, row by row.
struct Plane {
    columns: usize,
    blocks: Vec<Block>,
}

/// All blocks of a picture.
pub(super) struct Coefficients {
    planes: Vec<Plane>,
    amplitudes: Vec<Amplitude>,
}

impl Coefficients {
    /// A block of a component: its mean, and all other amplitudes that are not zero.
    #[inline]
    pub(super) fn block(&self, component: usize, (x, y): (usize, usize)) -> (i16, &[Amplitude]) {
        let plane = &self.planes[component];
        let block = plane.blocks[y * plane.columns + x];
        let start = block.start as usize;
        (block.dc, &self.amplitudes[start..start + usize::from(block.count)])
    }
}

/// Reads them all.
pub(super) fn read(picture: &Picture) -> Result<Coefficients, Unusual> {
    let lookup = |tables: &[Option<_>; 2]| tables.each_ref().map(|table| table.as_ref().map(Lookup::of));
    let (dc_tables, ac_tables) = (lookup(&picture.dc_tables), lookup(&picture.ac_tables));
    let mut components = Vec::new();
    for component in &picture.components {
        let dc = dc_tables[usize::from(component.dc_table & 1)].as_ref().ok_or(Unusual)?;
        let ac = ac_tables[usize::from(component.ac_table & 1)].as_ref().ok_or(Unusual)?;
        let (columns, rows) = component.blocks();
        let plane = Plane { columns, blocks: vec![Block::default(); columns * rows] };
        components.push(Reading { dc, ac, sampling: component.sampling, rows, plane, predicted: 0 });
    }
    let mut bits = Bits::of(picture.data);
    let max_amplitudes = (picture.size.0 * picture.size.1).saturating_mul(3) / 2 + 64;
    let mut amplitudes = Vec::with_capacity((picture.data.len()).min(max_amplitudes));
    let (mcus_x, mcus_y) = picture.mcus();
    let mut left = picture.restart_interval;
    let mut restarts = 0;
    for mcu_y in 0..mcus_y {
        for mcu_x in 0..mcus_x {
            if picture.restart_interval > 0 {
                if left == 0 {
                    bits.restart(restarts)?;
                    restarts = (restarts + 1) % 8;
                    left = picture.restart_interval;
                    for component in &mut components {
                        component.predicted = 0;
                    }
                }
                left -= 1;
            }
            for component in &mut components {
                component.read_mcu(&mut bits, (mcu_x, mcu_y), &mut amplitudes)?;
            }
        }
        if bits.has_ended() || amplitudes.len() > max_amplitudes {
            return Err(Unusual);
        }
    }
    bits.end()?;
    Ok(Coefficients { planes: components.into_iter().map(|component| component.plane).collect(), amplitudes })
}

/// A component while it is read.
struct Reading<'a> {
    dc: &'a Lookup,
    ac: &'a Lookup,
    sampling: (usize, usize),
    rows: usize,
    plane: Plane,
    predicted: i16,
}

impl Reading<'_> {
    #[inline]
    fn read_mcu(
        &mut self,
        bits: &mut Bits,
        (mcu_x, mcu_y): (usize, usize),
        amplitudes: &mut Vec<Amplitude>,
    ) -> Result<(), Unusual> {
        let mut found = [Amplitude::default(); 64];
        for y in mcu_y * self.sampling.1..(mcu_y + 1) * self.sampling.1 {
            for x in mcu_x * self.sampling.0..(mcu_x + 1) * self.sampling.0 {
                let count = self.read_block(bits, &mut found)?;
                // What only fills the last MCU is not kept.
                if x < self.plane.columns && y < self.rows {
                    self.plane.blocks[y * self.plane.columns + x] = Block {
                        start: u32::try_from(amplitudes.len()).map_err(|_| Unusual)?,
                        count: u8::try_from(count).map_err(|_| Unusual)?,
                        dc: self.predicted,
                    };
                    amplitudes.extend_from_slice(&found[..count]);
                }
            }
        }
        Ok(())
    }

    /// Gives the number of its amplitudes.
    #[inline]
    fn read_block(&mut self, stream: &mut Bits, amplitudes: &mut [Amplitude; 64]) -> Result<usize, Unusual> {
        // A copy that nobody else can look at stays in registers.
        let mut bits = *stream;
        let (difference, symbol) = bits.next(self.dc)?;
        if symbol > 11 {
            return Err(Unusual);
        }
        self.predicted = self.predicted.saturating_add(difference);
        if self.predicted.abs() > MAX_DC {
            return Err(Unusual);
        }
        let (mut place, mut count) = (1, 0);
        while place < 64 {
            let (value, symbol) = bits.next(self.ac)?;
            if value == 0 {
                match symbol {
                    0x00 => break,
                    0xF0 if place < 48 => place += 16,
                    _ => return Err(Unusual),
                }
                continue;
            }
            place += symbol >> 4;
            if place > 63 || symbol & 15 > MAX_AC_BITS {
                return Err(Unusual);
            }
            amplitudes[count & 63] = Amplitude { place, value };
            count += 1;
            place += 1;
        }
        *stream = bits;
        Ok(count)
    }
}

/// The bits of a scan, without the zeros that are stuffed behind each byte of ones (ITU T.81, F.1.2.3).
#[derive(Clone, Copy)]
struct Bits<'a> {
    data: &'a [u8],
    /// The place of the next byte.
    next: usize,
    /// The topmost `count` bits come next; those below may be right already.
    word: u64,
    count: u32,
    /// How many of them, the last ones, are none of the file's.
    made_up: u32,
}

impl<'a> Bits<'a> {
    fn of(data: &'a [u8]) -> Self {
        Self { data, next: 0, word: 0, count: 0, made_up: 0 }
    }

    /// The next value, and the symbol that announced it; 0 if the symbol announces none.
    #[expect(clippy::inline_always, reason = "it is nearly all that reading takes")]
    #[inline(always)]
    fn next(&mut self, table: &Lookup) -> Result<(i16, u8), Unusual> {
        // A code has at most sixteen bits, and a value fifteen.
        if self.count < 32 {
            self.refill();
        }
        let found = table.find(self.word);
        if found.length == 0 {
            return Err(Unusual);
        }
        self.drop(u32::from(found.length));
        let size = u32::from(found.symbol & 15);
        if found.value != 0 || size == 0 {
            return Ok((found.value, found.symbol));
        }
        #[expect(clippy::cast_possible_truncation, reason = "fifteen bits at most")]
        let value = extended((self.word >> (64 - size)) as u32, size);
        self.drop(size);
        Ok((value, found.symbol))
    }

    #[inline]
    fn drop(&mut self, count: u32) {
        self.word <<= count;
        self.count -= count;
    }

    #[inline]
    fn refill(&mut self) {
        if let Some(bytes) = self.data.get(self.next..).and_then(<[u8]>::first_chunk) {
            let word = u64::from_be_bytes(*bytes);
            if !holds_ones(word) {
                self.word |= word >> self.count;
                let bytes = (63 - self.count) / 8;
                self.next += bytes as usize;
                self.count += bytes * 8;
                return;
            }
        }
        *self = self.refilled_bytewise();
    }

    /// By value, so that what is read with can stay in registers.
    #[cold]
    #[inline(never)]
    fn refilled_bytewise(mut self) -> Self {
        while self.count <= 56 {
            let byte = match self.data.get(self.next..) {
                Some([0xFF, 0, ..]) => {
                    self.next += 2;
                    0xFF
                }
                Some([0xFF, ..] | []) | None => {
                    self.made_up += 8;
                    0
                }
                Some([byte, ..]) => {
                    self.next += 1;
                    *byte
                }
            };
            self.word |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
        self
    }

    /// Whether bits were used that are not there.
    fn has_ended(&self) -> bool {
        self.count < self.made_up
    }

    /// Begins anew behind a restart marker.
    fn restart(&mut self, number: u8) -> Result<(), Unusual> {
        self.marker(0xD0 + number)?;
        *self = Self { next: self.next + 2, ..Self::of(self.data) };
        Ok(())
    }

    /// Nothing but the end of the picture may follow.
    fn end(&self) -> Result<(), Unusual> {
        self.marker(0xD9)
    }

    /// That a marker follows after less than a byte.
    fn marker(&self, marker: u8) -> Result<(), Unusual> {
        let is_next = self.data.get(self.next..).is_some_and(|rest| rest.starts_with(&[0xFF, marker]));
        let is_used_up = !self.has_ended() && self.count - self.made_up < 8;
        if is_next && is_used_up { Ok(()) } else { Err(Unusual) }
    }
}

/// Whether one of its bytes is made of ones only.
#[inline]
pub(super) fn holds_ones(word: u64) -> bool {
    let inverse = !word;
    inverse.wrapping_sub(0x0101_0101_0101_0101) & !inverse & 0x8080_8080_8080_8080 != 0
}
