//! Why a picture cannot be used, in words that a person at a printer understands.

use thiserror::Error;

/// Why a picture cannot be used. None of these gets better by trying again with the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PictureError {
    /// There are no bytes at all.
    #[error("the camera gave an empty picture")]
    Empty,
    /// The bytes are something other than a JPEG.
    #[error("the picture is not a JPEG, it looks like {looks_like}")]
    NotJpeg {
        /// What the bytes look like, for instance "a PNG picture".
        looks_like: &'static str,
    },
    /// The picture has more bytes than are accepted.
    #[error("the picture has {bytes} bytes, more than the {max_bytes} that are accepted")]
    TooManyBytes {
        /// How many bytes came.
        bytes: usize,
        /// How many are accepted.
        max_bytes: usize,
    },
    /// The picture has more pixels than are accepted.
    #[error("the picture is {width}×{height}, more than the {max_pixels} pixels that are accepted")]
    TooManyPixels {
        /// Width as the header states it.
        width: u32,
        /// Height as the header states it.
        height: u32,
        /// How many pixels are accepted of a picture that is stored in this way.
        max_pixels: u64,
    },
    /// However poor it is made, it stays larger than is wanted.
    #[error("the picture cannot be made as small as {max_bytes} bytes")]
    CannotBeSmaller {
        /// How many bytes are wanted at most.
        max_bytes: usize,
    },
    /// It is a JPEG of a kind that cannot be resized or turned here.
    #[error("the picture is a JPEG of a kind that cannot be resized or turned: {0}")]
    Unsupported(&'static str),
    /// It starts as a JPEG, but is damaged or ends too early.
    #[error("the picture is a damaged JPEG: {0}")]
    Broken(String),
}
