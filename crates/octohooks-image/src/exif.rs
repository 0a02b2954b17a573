//! The orientation tag of a camera that notes how it was held instead of turning its pixels.
//!
//! Comes in: EXIF data from its TIFF header on. Goes out: the flips and turns that viewers apply. Encoding anew drops the
//! tag, so the pixels have to be turned, or a picture that only became smaller would suddenly lie on its side.

use crate::orientation::Orientation;

const ORIENTATION_TAG: u16 = 0x0112;
const ENTRY_BYTES: usize = 12;

/// What the tag asks for; nothing if there is none, or the data is damaged.
pub(crate) fn orientation(exif: &[u8]) -> Orientation {
    let (flip_h, flip_v, rotate_90) = match tag(exif) {
        Some(2) => (true, false, false),
        Some(3) => (true, true, false),
        Some(4) => (false, true, false),
        Some(5) => (true, false, true),
        Some(6) => (true, true, true),
        Some(7) => (false, true, true),
        Some(8) => (false, false, true),
        _ => (false, false, false),
    };
    Orientation { flip_h, flip_v, rotate_90 }
}

fn tag(exif: &[u8]) -> Option<u16> {
    let u16_at: fn([u8; 2]) -> u16 = match exif.get(..2)? {
        b"II" => u16::from_le_bytes,
        b"MM" => u16::from_be_bytes,
        _ => return None,
    };
    let directory: [u8; 4] = exif.get(4..8)?.try_into().ok()?;
    let directory = if exif[0] == b'I' { u32::from_le_bytes(directory) } else { u32::from_be_bytes(directory) };
    let directory = exif.get(usize::try_from(directory).ok()?..)?;
    let count = usize::from(u16_at(*directory.first_chunk()?));
    let (entries, _) = directory.get(2..)?.as_chunks::<ENTRY_BYTES>();
    let entry = entries.iter().take(count).find(|entry| u16_at([entry[0], entry[1]]) == ORIENTATION_TAG)?;
    Some(u16_at([entry[8], entry[9]]))
}
