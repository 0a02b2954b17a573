//! The order in which the amplitudes of a block are stored, and what becomes of them when the block is mirrored or turned.

use super::placement::Placement;

/// Where each amplitude in its stored order stands in the block, row by row (ITU T.81, figure A.6).
pub(super) const NATURAL: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63,
];

/// The stored place of each place of the block.
pub(super) const STORED: [u8; 64] = {
    let mut stored = [0; 64];
    let mut place = 0;
    while place < 64 {
        stored[NATURAL[place as usize] as usize] = place;
        place += 1;
    }
    stored
};

/// What becomes of each amplitude, by its stored place.
pub(super) struct Moves {
    /// Its new stored place.
    to: [u8; 64],
    /// All ones where its sign changes.
    negated: [i16; 64],
}

impl Moves {
    pub(super) fn of(placement: Placement) -> Self {
        let (mut to, mut negated) = ([0; 64], [0; 64]);
        for (place, &natural) in NATURAL.iter().enumerate() {
            let (row, column) = (natural / 8, natural % 8);
            let changes = (placement.mirror_x && column % 2 == 1) ^ (placement.mirror_y && row % 2 == 1);
            negated[place] = if changes { -1 } else { 0 };
            let natural = if placement.transpose { column * 8 + row } else { natural };
            to[place] = STORED[usize::from(natural)];
        }
        Self { to, negated }
    }

    /// The new place and value of an amplitude.
    #[inline]
    pub(super) fn apply(&self, place: u8, value: i16) -> (u8, i16) {
        let place = usize::from(place & 63);
        (self.to[place], (value ^ self.negated[place]).wrapping_sub(self.negated[place]))
    }

    /// A table in stored order, moved as the amplitudes it belongs to.
    pub(super) fn table(&self, table: &[u8; 64]) -> [u8; 64] {
        let mut moved = [0; 64];
        for (&to, &step) in self.to.iter().zip(table) {
            moved[usize::from(to)] = step;
        }
        moved
    }
}
