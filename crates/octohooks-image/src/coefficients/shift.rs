//! The blocks of a component that is mirrored and does not end with a block.
//!
//! Comes in: its blocks as they are stored. Goes out: blocks of the mirrored component, each of which takes its samples from
//! two neighbours, or from four if both sides are mirrored so. To take some rows of one block and the others of the next
//! is linear, and so a matrix of 8×8 for each of the two does with the amplitudes what would be done with the samples:
//! `T·M·Tᵀ`, where `T` is the transform of a block (ITU T.81, A.3.3) and `M` picks the rows. What comes out is rounded to
//! the picture's own steps, the one place where something is lost.

use super::placement::Placement;
use super::reading::{Amplitude, Coefficients};
use super::segments::Component;
use super::writing::Block;
use super::zigzag::{NATURAL, STORED};

/// Amplitudes of a block, or a matrix, row by row.
type Square = [[f32; 8]; 8];

/// Greater ones have no place in a picture of 8 bits.
const MAX_AMPLITUDE: f32 = 1023.0;

/// A component whose blocks are computed anew.
pub(super) struct Shifted<'a> {
    coefficients: &'a Coefficients,
    component: usize,
    placement: Placement,
    x: Side,
    y: Side,
    /// What an amplitude of one stands for, row by row.
    steps: [f32; 64],
    /// The same, inverted.
    inverses: Square,
}

impl<'a> Shifted<'a> {
    pub(super) fn new(
        coefficients: &'a Coefficients,
        index: usize,
        component: &Component,
        steps: &[u8; 64],
        placement: Placement,
    ) -> Self {
        let steps = STORED.map(|place| f32::from(steps[usize::from(place)]));
        let (columns, rows) = component.blocks();
        let (shift_x, shift_y) = component.shift(placement);
        let mut inverses = Square::default();
        for (inverse, step) in inverses.as_flattened_mut().iter_mut().zip(steps) {
            *inverse = 1.0 / step;
        }
        Self {
            coefficients,
            component: index,
            placement,
            x: Side::new(placement.mirror_x, columns, shift_x),
            y: Side::new(placement.mirror_y, rows, shift_y),
            steps,
            inverses,
        }
    }

    /// The block at a place of the new picture.
    pub(super) fn read(&self, place: (usize, usize), block: &mut Block) {
        let (x, y) = self.placement.sides(place);
        let computed = match &self.x {
            Side::Straight => self.column(x, y),
            Side::Mirrored { last } => transposed(&mirrored(transposed(&self.column(last - x, y)))),
            Side::Shifted { last, near, far } => {
                let column = |x| transposed(&self.column(x, y));
                transposed(&combined(near, far, last - x, column))
            }
        };
        block.clear(0);
        for (row, (values, inverses)) in (0u8..).zip(computed.iter().zip(&self.inverses)) {
            for (column, (value, inverse)) in (0u8..).zip(values.iter().zip(inverses)) {
                let value = rounded(value * inverse);
                let natural = if self.placement.transpose { column * 8 + row } else { row * 8 + column };
                match STORED[usize::from(natural)] {
                    0 => block.clear(value),
                    place if value != 0 => block.set(place, value),
                    _ => {}
                }
            }
        }
    }

    /// A block of the new rows and the old columns.
    fn column(&self, x: usize, y: usize) -> Square {
        match &self.y {
            Side::Straight => self.stored(x, y),
            Side::Mirrored { last } => mirrored(self.stored(x, last - y)),
            Side::Shifted { last, near, far } => combined(near, far, last - y, |y| self.stored(x, y)),
        }
    }

    fn stored(&self, x: usize, y: usize) -> Square {
        let mut square = Square::default();
        let values = square.as_flattened_mut();
        let (dc, amplitudes) = self.coefficients.block(self.component, (x, y));
        values[0] = f32::from(dc) * self.steps[0];
        for &Amplitude { place, value } in amplitudes {
            let natural = usize::from(NATURAL[usize::from(place & 63)]);
            values[natural] = f32::from(value) * self.steps[natural];
        }
        square
    }
}

/// What happens along one side. The last of its blocks comes first where it is mirrored.
enum Side {
    Straight,
    Mirrored {
        last: usize,
    },
    /// What to do with the block that comes first, and with the one that stands before it.
    Shifted {
        last: usize,
        near: Box<Square>,
        far: Box<Square>,
    },
}

impl Side {
    fn new(is_mirrored: bool, blocks: usize, shift: usize) -> Self {
        let last = blocks.saturating_sub(1);
        match (is_mirrored, shift) {
            (false, _) => Self::Straight,
            (true, 0) => Self::Mirrored { last },
            // Sample `new` of a block is sample `7 - shift - new` of the near one, or the far one's, which is 8 before.
            (true, _) => Self::Shifted {
                last,
                near: Box::new(picking(|new| 7usize.checked_sub(shift + new))),
                far: Box::new(picking(|new| 15usize.checked_sub(shift + new).filter(|&old| old < 8))),
            },
        }
    }
}

/// The matrix that takes, for each sample, the one that is told.
fn picking(sample: impl Fn(usize) -> Option<usize>) -> Square {
    let waves = waves();
    let mut matrix = Square::default();
    for (row, to) in matrix.iter_mut().zip(&waves) {
        for (value, from) in row.iter_mut().zip(&waves) {
            *value = (0..8).filter_map(|new| sample(new).map(|old| to[new] * from[old])).sum();
        }
    }
    matrix
}

/// The eight waves of the transform, each of length 1.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn waves() -> Square {
    std::array::from_fn(|wave| {
        let length = if wave == 0 { 0.125f32.sqrt() } else { 0.5 };
        std::array::from_fn(|sample| {
            let phase = (2 * sample + 1) as f32 * wave as f32 * std::f32::consts::PI / 16.0;
            length * phase.cos()
        })
    })
}

/// What two neighbours make together. Before the first block there is its mirror image, so that no edge comes in there.
fn combined(near: &Square, far: &Square, first: usize, block: impl Fn(usize) -> Square) -> Square {
    let mut sum = Square::default();
    let own = block(first);
    add_product(&mut sum, near, &own);
    let before = first.checked_sub(1).map_or_else(|| mirrored(own), block);
    add_product(&mut sum, far, &before);
    sum
}

/// Rows that are zero throughout, most of them, take no time.
fn add_product(sum: &mut Square, matrix: &Square, square: &Square) {
    for (index, row) in square.iter().enumerate().filter(|(_, row)| row.iter().any(|value| value.abs() > 0.0)) {
        for (sums, factors) in sum.iter_mut().zip(matrix) {
            let factor = factors[index];
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += factor * value);
        }
    }
}

/// Upside down.
fn mirrored(mut square: Square) -> Square {
    square.iter_mut().skip(1).step_by(2).for_each(|row| *row = row.map(|value| -value));
    square
}

fn transposed(square: &Square) -> Square {
    std::array::from_fn(|row| std::array::from_fn(|column| square[column][row]))
}

/// The nearest whole number. Added to this one, a small number has no bits left for its fraction.
#[expect(clippy::cast_possible_truncation, reason = "it was made to fit")]
fn rounded(value: f32) -> i16 {
    const COARSE: f32 = 12_582_912.0;
    let value = value.clamp(-MAX_AMPLITUDE, MAX_AMPLITUDE) + COARSE;
    value.to_bits().wrapping_sub(COARSE.to_bits()).cast_signed() as i16
}
