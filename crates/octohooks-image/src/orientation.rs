//! Flips and turns on a buffer of pixels, in the order in which OctoPrint applies them.

/// How a picture is to be flipped and turned: first the horizontal flip, then the vertical one, then the quarter turn
/// counter-clockwise. This is the order in which OctoPrint treats its time-lapse pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Orientation {
    /// Left and right change places.
    pub flip_h: bool,
    /// Top and bottom change places.
    pub flip_v: bool,
    /// A quarter turn counter-clockwise, after the flips; width and height change places.
    pub rotate_90: bool,
}

impl Orientation {
    /// Whether the picture stays as it is.
    pub fn is_identity(self) -> bool {
        self == Self::default()
    }
}

/// Decoded pixels, row by row without gaps.
pub(crate) struct Pixels {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) colors: Colors,
    /// Those of each pixel, one after the other.
    pub(crate) samples: Vec<u8>,
    /// What the colours mean exactly, if the picture says so (an ICC profile).
    pub(crate) profile: Option<Vec<u8>>,
}

/// What the samples of a pixel are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colors {
    /// Brightness.
    Grey,
    /// Brightness and two differences of colour, as a JPEG stores them (ITU T.871): nothing has to be converted on the way.
    Ycbcr,
    /// Red, green, and blue.
    Rgb,
}

impl Colors {
    pub(crate) fn samples(self) -> usize {
        if self == Self::Grey { 1 } else { 3 }
    }
}

impl Pixels {
    /// The same picture, flipped and turned.
    pub(crate) fn oriented(self, orientation: Orientation) -> Self {
        let Self { width, height, colors, samples, profile } = self;
        let samples = match colors {
            Colors::Grey => oriented::<1>(samples, width, height, orientation),
            Colors::Ycbcr | Colors::Rgb => oriented::<3>(samples, width, height, orientation),
        };
        let (width, height) = if orientation.rotate_90 { (height, width) } else { (width, height) };
        Self { width, height, colors, samples, profile }
    }
}

fn oriented<const N: usize>(mut samples: Vec<u8>, width: usize, height: usize, orientation: Orientation) -> Vec<u8> {
    let (pixels, _) = samples.as_chunks_mut::<N>();
    if orientation.flip_h {
        pixels.chunks_exact_mut(width).for_each(<[_]>::reverse);
    }
    if orientation.flip_v {
        let (top, rest) = pixels.split_at_mut(height / 2 * width);
        let bottom = &mut rest[height % 2 * width..];
        for (upper, lower) in top.chunks_exact_mut(width).zip(bottom.chunks_exact_mut(width).rev()) {
            upper.swap_with_slice(lower);
        }
    }
    if !orientation.rotate_90 {
        return samples;
    }
    // Each column becomes a row, the rightmost first.
    let mut turned = Vec::with_capacity(pixels.len() * N);
    for column in (0..width).rev() {
        pixels.chunks_exact(width).for_each(|row| turned.extend_from_slice(&row[column]));
    }
    turned
}
