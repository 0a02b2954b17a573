//! A camera's JPEG, made ready to be sent: JPEG bytes in, JPEG bytes out.
//!
//! Comes in: the bytes as the camera gave them, the size they have to fit into, how the camera is mounted, and how much
//! is accepted at all. Goes out: the very same bytes if nothing has to change, else a smaller or turned picture.
//!
//! Nothing here reads a file, opens a connection, or prints. Whatever the bytes are, the answer is a picture or a
//! [`PictureError`] in plain words.

mod coefficients;
mod decode;
mod encode;
mod error;
mod exif;
mod fit;
mod header;
mod orientation;
#[cfg(test)]
mod tests;

pub use error::PictureError;
pub use fit::{Bounds, Limits, fit, fit_below};
pub use orientation::Orientation;
