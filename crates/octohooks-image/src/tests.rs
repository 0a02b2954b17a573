//! What the crate promises, checked on pictures that are drawn here.

mod broken;
mod colours;
mod hostile;
pub(crate) mod picture;
mod size;
mod turned;
