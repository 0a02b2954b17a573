//! Pixels to JPEG, in two halves at the same time where that is worth it.
//!
//! Comes in: pixels. Goes out: a baseline JPEG, which everything can show. The halves are coded as pictures of their own and
//! joined by a restart marker, at which coding begins anew (ITU T.81, E.1.4).

#[cfg(test)]
mod tests;

use std::thread;

use jpeg_encoder::{
    ChromaSubsamplingMethod, Encoder, EncodingError, ImageBuffer, JpegColorType, SamplingFactor, rgb_to_ycbcr,
};

use crate::error::PictureError;
use crate::header::{next_marker, segment};
use crate::orientation::{Colors, Pixels};

/// Good for photographs: a third of the bytes of 95, and no difference that one sees.
const QUALITY: u8 = 85;

/// The sides of an MCU in pixels, with colours at half the rate.
const MCU: usize = 16;

/// A smaller picture is coded before a thread has started.
const MIN_PIXELS_FOR_TWO: usize = 256 * 1024;

/// Encodes pixels.
pub(crate) fn encode(pixels: &Pixels) -> Result<Vec<u8>, PictureError> {
    encode_at(pixels, QUALITY)
}

/// Encodes pixels at a quality of 1 to 100.
pub(crate) fn encode_at(pixels: &Pixels, quality: u8) -> Result<Vec<u8>, PictureError> {
    let too_large = || PictureError::Unsupported("its sides are too long");
    let width = u16::try_from(pixels.width).map_err(|_| too_large())?;
    let height = u16::try_from(pixels.height).map_err(|_| too_large())?;
    let profile = pixels.profile.as_deref();
    let whole =
        Part { samples: &pixels.samples, width, height, colors: pixels.colors, profile, restart_interval: 0, quality };
    let both = if pixels.width * pixels.height < MIN_PIXELS_FOR_TWO { None } else { whole.in_two() };
    both.map_or_else(|| whole.encode(), Ok)
        .map_err(|error| PictureError::Broken(format!("it could not be encoded again ({error})")))
}

/// Rows of a picture.
#[derive(Clone, Copy)]
struct Part<'a> {
    samples: &'a [u8],
    width: u16,
    height: u16,
    colors: Colors,
    profile: Option<&'a [u8]>,
    /// 0 is never.
    restart_interval: u16,
    quality: u8,
}

impl Part<'_> {
    fn encode(&self) -> Result<Vec<u8>, EncodingError> {
        let required = usize::from(self.width) * usize::from(self.height) * self.colors.samples();
        if self.samples.len() < required {
            return Err(EncodingError::BadImageData { length: self.samples.len(), required });
        }
        let mut jpeg = Vec::with_capacity(self.samples.len() / 8);
        let mut encoder = Encoder::new(&mut jpeg, self.quality);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
        encoder.set_restart_interval(self.restart_interval);
        if let Some(profile) = self.profile {
            encoder.add_icc_profile(profile)?;
        }
        encoder.encode_image(*self)?;
        Ok(jpeg)
    }

    /// Encodes both halves at once; nothing if that is not possible here, or not now.
    fn in_two(&self) -> Option<Vec<u8>> {
        if thread::available_parallelism().map_or(1, usize::from) < 2 {
            return None;
        }
        let (upper, lower) = self.halves()?;
        let (upper, lower) = thread::scope(|scope| {
            let name = "picture".to_owned();
            let lower = thread::Builder::new().name(name).spawn_scoped(scope, move || lower.encode()).ok()?;
            Some((upper.encode().ok()?, lower.join().ok()?.ok()?))
        })?;
        joined(upper, &lower, self.height)
    }

    /// A picture in colours, divided between two rows of MCUs.
    fn halves(&self) -> Option<(Self, Self)> {
        // The upper half is the larger one, so that the lower one ends before it would have to begin anew, too.
        let mcu_rows = usize::from(self.height).div_ceil(MCU).div_ceil(2);
        let upper_height = u16::try_from(mcu_rows * MCU).ok()?;
        let lower_height = self.height.checked_sub(upper_height).filter(|&height| height > 0)?;
        let restart_interval = u16::try_from(mcu_rows * usize::from(self.width).div_ceil(MCU)).ok()?;
        let upper_samples = usize::from(upper_height) * usize::from(self.width) * 3;
        let (upper, lower) = self.samples.split_at_checked(upper_samples).filter(|_| self.colors != Colors::Grey)?;
        let part = |samples, height| Part { samples, height, restart_interval, ..*self };
        Some((part(upper, upper_height), part(lower, lower_height)))
    }
}

/// All kinds of pixels by one type, instead of the nine that the encoder knows: each is a copy of the whole encoder.
impl ImageBuffer for Part<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        match self.colors {
            Colors::Grey => JpegColorType::Luma,
            Colors::Ycbcr | Colors::Rgb => JpegColorType::Ycbcr,
        }
    }

    fn width(&self) -> u16 {
        self.width
    }

    fn height(&self) -> u16 {
        self.height
    }

    /// One plane after the other: a loop over one is worked on several pixels at a time.
    fn fill_buffers(&self, row: u16, [luma, blueness, redness, _]: &mut [Vec<u8>; 4]) {
        let row = usize::from(row) * usize::from(self.width);
        let pixels = row..row + usize::from(self.width);
        match self.colors {
            Colors::Grey => luma.extend_from_slice(&self.samples[pixels]),
            Colors::Ycbcr => {
                let pixels = &self.samples.as_chunks().0[pixels];
                luma.extend(pixels.iter().map(|&[sample, _, _]| sample));
                blueness.extend(pixels.iter().map(|&[_, sample, _]| sample));
                redness.extend(pixels.iter().map(|&[_, _, sample]| sample));
            }
            Colors::Rgb => {
                let pixels = &self.samples.as_chunks().0[pixels];
                luma.extend(pixels.iter().map(|&[red, green, blue]| rgb_to_ycbcr(red, green, blue).0));
                blueness.extend(pixels.iter().map(|&[red, green, blue]| rgb_to_ycbcr(red, green, blue).1));
                redness.extend(pixels.iter().map(|&[red, green, blue]| rgb_to_ycbcr(red, green, blue).2));
            }
        }
    }
}

/// The data of the second scan behind those of the first. It begins where the second restart interval does.
fn joined(mut upper: Vec<u8>, lower: &[u8], height: u16) -> Option<Vec<u8>> {
    const START_OF_FRAME: u8 = 0xC0;
    const START_OF_SCAN: u8 = 0xDA;
    // The height stands behind the length of the segment and the bits of a sample.
    let frame = upper.len() - behind(&upper, START_OF_FRAME)?.len();
    upper.get_mut(frame + 3..frame + 5)?.copy_from_slice(&height.to_be_bytes());
    let (_, scan) = segment(behind(lower, START_OF_SCAN)?).ok()?;
    upper.truncate(upper.strip_suffix(b"\xFF\xD9")?.len());
    upper.extend_from_slice(b"\xFF\xD0");
    upper.extend_from_slice(scan);
    Some(upper)
}

/// What stands behind the first marker of a kind.
fn behind(jpeg: &[u8], wanted: u8) -> Option<&[u8]> {
    let mut rest = jpeg.strip_prefix(b"\xFF\xD8")?;
    loop {
        let (marker, after) = next_marker(rest)?;
        if marker == wanted {
            return Some(after);
        }
        (_, rest) = segment(after).ok()?;
    }
}
