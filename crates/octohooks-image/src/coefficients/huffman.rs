//! Huffman tables (ITU T.81, annexes C and F): as a file states them, made ready for reading, made ready for writing.

use super::Unusual;

/// How many bits are looked up at once. Of a camera's picture that is nearly every code with its value.
const LOOKUP_BITS: u32 = 10;

/// A table as a file states it: how many codes there are of each length, and the symbols in the order of their codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) counts: [u8; 16],
    pub(super) symbols: Vec<u8>,
}

impl Spec {
    /// Reads one, and what follows it.
    pub(super) fn read(bytes: &[u8]) -> Result<(Self, &[u8]), Unusual> {
        let (counts, rest) = bytes.split_first_chunk::<16>().ok_or(Unusual)?;
        let count: usize = counts.iter().map(|&count| usize::from(count)).sum();
        let (symbols, rest) = rest.split_at_checked(count).filter(|_| (1..=256).contains(&count)).ok_or(Unusual)?;
        let spec = Self { counts: *counts, symbols: symbols.to_vec() };
        // Codes that consist of nothing but ones are reserved.
        let mut free = 1u32;
        for &count in counts {
            free = (free * 2).checked_sub(u32::from(count)).filter(|&free| free > 0).ok_or(Unusual)?;
        }
        Ok((spec, rest))
    }

    /// Symbols with their codes and the lengths of these.
    fn codes(&self) -> impl Iterator<Item = (u8, Code)> {
        let lengths =
            (1u8..).zip(self.counts).flat_map(|(length, count)| std::iter::repeat_n(length, usize::from(count)));
        let (mut code, mut previous) = (0u16, 0);
        self.symbols.iter().copied().zip(lengths).map(move |(symbol, length)| {
            code <<= length - previous;
            previous = length;
            let bits = code;
            code += 1;
            (symbol, Code { bits, length })
        })
    }
}

/// The bits of a symbol. A length of 0 is no code: the table does not hold the symbol.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Code {
    pub(super) bits: u16,
    pub(super) length: u8,
}

/// For writing: the code of each symbol.
pub(super) struct Codes([Code; 256]);

impl Codes {
    pub(super) fn of(spec: &Spec) -> Self {
        let mut codes = [Code::default(); 256];
        for (symbol, code) in spec.codes() {
            codes[usize::from(symbol)] = code;
        }
        Self(codes)
    }

    #[inline]
    pub(super) fn code(&self, symbol: u8) -> Code {
        self.0[usize::from(symbol)]
    }
}

/// What the next bits are.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Found {
    /// The value; 0 if it follows, or if there is none.
    pub(super) value: i16,
    /// How many bits the code takes, with the value if that is known. 0 is no code.
    pub(super) length: u8,
    /// The symbol: how many zeros come before the value, and how many bits it has.
    pub(super) symbol: u8,
}

/// For reading: what the bits that come next are.
pub(super) struct Lookup {
    short: Box<[Found; 1 << LOOKUP_BITS]>,
    /// Of each length: the codes of it lie below this, with zeros up to sixteen bits.
    limits: [u32; 16],
    /// Of each length: what to add to a code for the place of its symbol.
    offsets: [i32; 16],
    symbols: Vec<u8>,
}

impl Lookup {
    pub(super) fn of(spec: &Spec) -> Self {
        let mut short = Box::new([Found::default(); 1 << LOOKUP_BITS]);
        for (symbol, code) in spec.codes() {
            let Some(free) = LOOKUP_BITS.checked_sub(u32::from(code.length)) else { continue };
            let first = usize::from(code.bits) << free;
            for (rest, found) in (0u32..).zip(&mut short[first..first + (1 << free)]) {
                *found = Found { value: 0, length: code.length, symbol };
                let size = u32::from(symbol & 15);
                if (1..=free).contains(&size) {
                    found.value = extended(rest >> (free - size), size);
                    found.length += symbol & 15;
                }
            }
        }
        let (mut limits, mut offsets) = ([0; 16], [0; 16]);
        let (mut code, mut place) = (0u32, 0i32);
        for (index, &count) in spec.counts.iter().enumerate() {
            offsets[index] = place - code.cast_signed();
            code += u32::from(count);
            place += i32::from(count);
            limits[index] = code << (15 - index);
            code <<= 1;
        }
        Self { short, limits, offsets, symbols: spec.symbols.clone() }
    }

    /// Looks up the topmost bits of these.
    #[inline]
    pub(super) fn find(&self, bits: u64) -> Found {
        let found = self.short[(bits >> (64 - LOOKUP_BITS)) as usize];
        if found.length == 0 { self.find_long(bits) } else { found }
    }

    #[cold]
    fn find_long(&self, bits: u64) -> Found {
        let next = (bits >> 48) as u32;
        let Some(index) = (0..16).find(|&index| next < self.limits[index]) else { return Found::default() };
        let place = (next >> (15 - index)).cast_signed() + self.offsets[index];
        let symbol = usize::try_from(place).ok().and_then(|place| self.symbols.get(place));
        let length = u8::try_from(index + 1).unwrap_or(16);
        symbol.map_or(Found::default(), |&symbol| Found { value: 0, length, symbol })
    }
}

/// The value that these bits stand for (ITU T.81, figure F.12). Between one and fifteen of them.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "fifteen bits and a sign")]
pub(super) fn extended(bits: u32, size: u32) -> i16 {
    let bits = bits.cast_signed();
    (if bits >> (size - 1) == 0 { bits - (1 << size) + 1 } else { bits }) as i16
}

/// The tables of ITU T.81, K.3.3.1: the differences of brightness and colours.
pub(super) fn standard_dc() -> [Spec; 2] {
    let symbols: Vec<u8> = (0..=11).collect();
    let counts = [[0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0]];
    counts.map(|counts| Spec { counts, symbols: symbols.clone() })
}

/// The tables of ITU T.81, K.3.3.2: all other amplitudes, of brightness and colours. They hold every symbol there is.
pub(super) fn standard_ac() -> [Spec; 2] {
    [
        Spec { counts: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D], symbols: AC_OF_BRIGHTNESS.to_vec() },
        Spec { counts: [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77], symbols: AC_OF_COLOURS.to_vec() },
    ]
}

/// ITU T.81, table K.5.
const AC_OF_BRIGHTNESS: [u8; 162] = [
    0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22, 0x71, 0x14,
    0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52, 0xD1, 0xF0, 0x24, 0x33, 0x62, 0x72, 0x82, 0x09,
    0x0A, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A,
    0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x63, 0x64, 0x65,
    0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88,
    0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9,
    0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA,
    0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE1, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA,
    0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
];

/// ITU T.81, table K.6.
const AC_OF_COLOURS: [u8; 162] = [
    0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71, 0x13, 0x22, 0x32,
    0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23, 0x33, 0x52, 0xF0, 0x15, 0x62, 0x72, 0xD1, 0x0A, 0x16,
    0x24, 0x34, 0xE1, 0x25, 0xF1, 0x17, 0x18, 0x19, 0x1A, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x35, 0x36, 0x37, 0x38, 0x39,
    0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x63, 0x64,
    0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x82, 0x83, 0x84, 0x85, 0x86,
    0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7,
    0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8,
    0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9,
    0xEA, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
];
