//! JPEG to pixels of a given size. The decoder and the resizer are known here and nowhere else.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use jpeg_decoder::{ColorTransform, Decoder, PixelFormat};

use crate::error::PictureError;
use crate::exif;
use crate::header::{Header, Process};
use crate::orientation::{Colors, Orientation, Pixels};

/// A longer side comes from no camera, and some decoders miscount there.
const MAX_SIDE: u32 = 32_000;

/// A progressive picture has about ten scans, a thumbnail may add some. Each may state in a few bytes that it changes
/// nothing anywhere, and still takes a walk over the whole picture, so thousands of them would keep a small computer
/// busy for hours.
const MAX_SCANS_PROGRESSIVE: usize = 100;

/// A sequential picture has at most one scan per colour; its thumbnail and a second picture behind it add theirs.
const MAX_SCANS_SEQUENTIAL: usize = 16;

/// Decodes a picture at the given size, and says what its EXIF orientation asks for.
///
/// The decoder itself shrinks by a half, a quarter, or an eighth where that is enough, which saves most of the work and
/// of the memory; the resizer does the rest.
pub(crate) fn decode(
    jpeg: &[u8],
    header: &Header,
    (target_width, target_height): (u32, u32),
) -> Result<(Pixels, Orientation), PictureError> {
    let mut decoder = Decoder::new(jpeg);
    if header.ycbcr {
        // As they are: nothing has to be done for red, green, and blue.
        decoder.set_color_transform(ColorTransform::RGB);
    }
    let (width, height) = decoder.scale(side(target_width)?, side(target_height)?).map_err(explain)?;
    let samples = decoder.decode().map_err(explain)?;
    let format = decoder.info().map(|info| info.pixel_format);
    let orientation = decoder.exif_data().map(exif::orientation).unwrap_or_default();
    let (from, to) = ((u32::from(width), u32::from(height)), (target_width, target_height));
    let (colors, samples) = match format {
        Some(PixelFormat::L8) if from == to => (Colors::Grey, samples),
        Some(PixelFormat::L8) => {
            let thrice = samples.into_iter().flat_map(|sample| [sample; 3]).collect();
            (Colors::Grey, resize(thrice, from, to)?.into_iter().step_by(3).collect())
        }
        Some(PixelFormat::RGB24) if header.ycbcr => (Colors::Ycbcr, resize(samples, from, to)?),
        Some(PixelFormat::RGB24) => (Colors::Rgb, resize(samples, from, to)?),
        Some(PixelFormat::CMYK32) => {
            let light = samples.as_chunks().0.iter().copied().flat_map(cmyk_to_rgb).collect();
            (Colors::Rgb, resize(light, from, to)?)
        }
        Some(PixelFormat::L16) | None => return Err(PictureError::Unsupported("it has 16 bits per sample")),
    };
    // A profile of inks says nothing about light.
    let profile = decoder.icc_profile().filter(|_| format != Some(PixelFormat::CMYK32));
    let pixels = Pixels { width: target_width as usize, height: target_height as usize, colors, samples, profile };
    Ok((pixels, orientation))
}

/// What is in the head, or in the number of scans, that is not taken on.
pub(crate) fn refuse_what_cannot_be_decoded(jpeg: &[u8], header: &Header) -> Result<(), PictureError> {
    let max_scans = if header.process == Process::Progressive { MAX_SCANS_PROGRESSIVE } else { MAX_SCANS_SEQUENTIAL };
    let reason = match header.process {
        Process::Lossless => "it is stored without loss",
        Process::Hierarchical => "it holds several pictures in one",
        Process::Arithmetic => "it uses arithmetic coding",
        _ if header.precision != 8 => "it has more than 8 bits per sample",
        _ if !matches!(header.components, 1 | 3 | 4) => "it is neither grey nor in colours",
        _ if header.width > MAX_SIDE || header.height > MAX_SIDE => "its sides are too long",
        _ if jpeg.windows(2).filter(|pair| *pair == b"\xFF\xDA").count() > max_scans => "it has too many scans",
        _ => return Ok(()),
    };
    Err(PictureError::Unsupported(reason))
}

/// Pixels of three samples, whatever they are: of the resizer only what is needed for them is built. For all its types it would be a
/// quarter of the whole library.
fn resize(samples: Vec<u8>, from: (u32, u32), to: (u32, u32)) -> Result<Vec<u8>, PictureError> {
    const SAMPLES: usize = 3;
    if from == to {
        return Ok(samples);
    }
    let unexpected = |error: &dyn std::fmt::Display| PictureError::Broken(format!("it could not be resized ({error})"));
    let source = TypedImageRef::<U8x3>::from_buffer(from.0, from.1, &samples).map_err(|error| unexpected(&error))?;
    let mut resized = vec![0; to.0 as usize * to.1 as usize * SAMPLES];
    let mut target = TypedImage::<U8x3>::from_buffer(to.0, to.1, &mut resized).map_err(|error| unexpected(&error))?;
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom)).use_alpha(false);
    Resizer::new().resize_typed(&source, &mut target, &options).map_err(|error| unexpected(&error))?;
    Ok(resized)
}

/// Ink to light. Few receivers can show a JPEG in inks, so it is sent in colours of light.
fn cmyk_to_rgb([cyan, magenta, yellow, black]: [u8; 4]) -> [u8; 3] {
    [cyan, magenta, yellow].map(|ink| {
        let light = u16::from(255 - ink) * u16::from(255 - black);
        u8::try_from((light + 127) / 255).unwrap_or(u8::MAX)
    })
}

fn side(side: u32) -> Result<u16, PictureError> {
    u16::try_from(side).map_err(|_| PictureError::Unsupported("its sides are too long"))
}

fn explain(error: jpeg_decoder::Error) -> PictureError {
    use jpeg_decoder::{Error, UnsupportedFeature};
    match error {
        Error::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            PictureError::Broken("it ends too early".to_owned())
        }
        // Nothing is read from anywhere: this is a thread that could not be started.
        Error::Io(error) => PictureError::Broken(format!("it could not be decoded now ({error})")),
        Error::Format(reason) => PictureError::Broken(reason),
        Error::Unsupported(feature) => PictureError::Unsupported(match feature {
            UnsupportedFeature::SubsamplingRatio | UnsupportedFeature::NonIntegerSubsamplingRatio => {
                "its colours are sampled in an unusual way"
            }
            UnsupportedFeature::ColorTransform(_) => "its colours are stored in an unusual way",
            _ => "it uses a feature that is not known here",
        }),
        Error::Internal(error) => PictureError::Broken(error.to_string()),
    }
}
