//! Whether a picture has to change, and if so, how: the one thing that this crate does.

use std::borrow::Cow;

use crate::coefficients;
use crate::decode;
use crate::encode;
use crate::error::PictureError;
use crate::header::{Header, Process};
use crate::orientation::{Orientation, Pixels};

/// The size that a picture has to fit into, **as the camera took it**, before it is turned: 1640×1232 holds for the
/// sensor, so a turned picture is at most 1232×1640.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Greatest width in pixels.
    pub width: u32,
    /// Greatest height in pixels.
    pub height: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { width: 1640, height: 1232 }
    }
}

/// How much is accepted; checked before anything is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Greatest number of bytes of the JPEG.
    pub max_bytes: usize,
    /// Greatest number of pixels. A progressive JPEG has to be held in memory whole before it can be made smaller,
    /// which takes about four times as much, so it may have a quarter of this.
    pub max_pixels: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 20 * 1024 * 1024, max_pixels: 50_000_000 }
    }
}

impl Limits {
    fn max_pixels_of(&self, process: Process) -> u64 {
        match process {
            Process::Progressive => self.max_pixels / 4,
            _ => self.max_pixels,
        }
    }
}

/// Makes a picture fit, flipped and turned.
///
/// The sides keep their ratio, and a picture never becomes larger. If it fits and is neither flipped nor turned, the
/// answer is [`Cow::Borrowed`]: the very same bytes, of which only the header was read. If it fits, it is flipped and
/// turned as it is stored, without loss (all but blocks that a mirrored side cuts through, which are rounded once); only a
/// picture that has to become smaller, or whose file is unusual, is decoded and encoded anew. Either way, of its metadata (a place, for instance) nothing but a profile of its colours is kept, and
/// an EXIF orientation is applied first, so that viewers show the picture as they did.
pub fn fit(
    jpeg: &[u8],
    bounds: Bounds,
    orientation: Orientation,
    limits: Limits,
) -> Result<Cow<'_, [u8]>, PictureError> {
    if jpeg.len() > limits.max_bytes {
        return Err(PictureError::TooManyBytes { bytes: jpeg.len(), max_bytes: limits.max_bytes });
    }
    let header = Header::read(jpeg)?;
    let max_pixels = limits.max_pixels_of(header.process);
    if header.pixels() > max_pixels {
        return Err(PictureError::TooManyPixels { width: header.width, height: header.height, max_pixels });
    }
    let target = shrunk(&header, bounds);
    if orientation.is_identity() && target == (header.width, header.height) {
        return Ok(Cow::Borrowed(jpeg));
    }
    decode::refuse_what_cannot_be_decoded(jpeg, &header)?;
    if target == (header.width, header.height)
        && let Some(placed) = coefficients::placed(jpeg, orientation.into())
    {
        return Ok(Cow::Owned(placed));
    }
    let (pixels, tagged) = decode::decode(jpeg, &header, target)?;
    encode::encode(&pixels.oriented(tagged).oriented(orientation)).map(Cow::Owned)
}

/// How a picture that is too large is tried: its sides in eighths, and the quality. First what one hardly sees.
const STEPS: [(u32, u8); 7] = [(8, 80), (8, 65), (8, 50), (6, 55), (4, 55), (2, 50), (1, 50)];

/// Makes a picture's file no larger than so many bytes: of less quality first, then smaller as well. The very same bytes where it
/// is small enough as it is.
pub fn fit_below(jpeg: &[u8], max_bytes: usize, limits: Limits) -> Result<Cow<'_, [u8]>, PictureError> {
    if jpeg.len() <= max_bytes {
        return Ok(Cow::Borrowed(jpeg));
    }
    if jpeg.len() > limits.max_bytes {
        return Err(PictureError::TooManyBytes { bytes: jpeg.len(), max_bytes: limits.max_bytes });
    }
    let header = Header::read(jpeg)?;
    let max_pixels = limits.max_pixels_of(header.process);
    if header.pixels() > max_pixels {
        return Err(PictureError::TooManyPixels { width: header.width, height: header.height, max_pixels });
    }
    decode::refuse_what_cannot_be_decoded(jpeg, &header)?;
    let mut decoded: Option<(u32, Pixels)> = None;
    for (eighths, quality) in STEPS {
        let pixels = match decoded.take() {
            Some((same, pixels)) if same == eighths => pixels,
            _ => {
                let size = (scaled(header.width, eighths, 8), scaled(header.height, eighths, 8));
                let (pixels, tagged) = decode::decode(jpeg, &header, size)?;
                pixels.oriented(tagged)
            }
        };
        let smaller = encode::encode_at(&pixels, quality)?;
        if smaller.len() <= max_bytes {
            return Ok(Cow::Owned(smaller));
        }
        decoded = Some((eighths, pixels));
    }
    Err(PictureError::CannotBeSmaller { max_bytes })
}

/// The greatest size of the same shape within the bounds, at least 1×1.
fn shrunk(header: &Header, bounds: Bounds) -> (u32, u32) {
    let (width, height) = (header.width, header.height);
    if width <= bounds.width && height <= bounds.height {
        return (width, height);
    }
    // Which side is the tighter one, without dividing: width / bounds.width against height / bounds.height.
    if u64::from(width) * u64::from(bounds.height) >= u64::from(height) * u64::from(bounds.width) {
        (bounds.width.max(1), scaled(height, bounds.width, width))
    } else {
        (scaled(width, bounds.height, height), bounds.height.max(1))
    }
}

/// `side * numerator / denominator`, rounded, at least 1.
fn scaled(side: u32, numerator: u32, denominator: u32) -> u32 {
    let (side, numerator, denominator) = (u64::from(side), u64::from(numerator), u64::from(denominator));
    let scaled = (side * numerator + denominator / 2) / denominator;
    u32::try_from(scaled.max(1)).unwrap_or(u32::MAX)
}
