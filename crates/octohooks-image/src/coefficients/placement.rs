//! The eight ways in which a picture can lie, and what two of them make, one after the other.

use crate::orientation::Orientation;

/// Mirrors first, then swaps the sides: every combination of flips and turns is one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Placement {
    /// Left and right change places.
    pub(crate) mirror_x: bool,
    /// Top and bottom change places.
    pub(crate) mirror_y: bool,
    /// Rows become columns, after that.
    pub(crate) transpose: bool,
}

impl From<Orientation> for Placement {
    /// A quarter turn counter-clockwise is a mirror from left to right, and then rows that become columns.
    fn from(Orientation { flip_h, flip_v, rotate_90 }: Orientation) -> Self {
        Self { mirror_x: flip_h != rotate_90, mirror_y: flip_v, transpose: rotate_90 }
    }
}

impl Placement {
    /// This one, and then another.
    pub(crate) fn then(self, next: Self) -> Self {
        let (next_x, next_y) =
            if self.transpose { (next.mirror_y, next.mirror_x) } else { (next.mirror_x, next.mirror_y) };
        Self {
            mirror_x: self.mirror_x != next_x,
            mirror_y: self.mirror_y != next_y,
            transpose: self.transpose != next.transpose,
        }
    }

    /// Two values, one for each side, as they are afterwards.
    pub(crate) fn sides<T>(self, (x, y): (T, T)) -> (T, T) {
        if self.transpose { (y, x) } else { (x, y) }
    }
}
