//! The head of a JPEG: its size and the way it is stored, without decoding a single pixel.
//!
//! Comes in: bytes. Goes out: a [`Header`], or the reason why this is no JPEG. Reading it costs a walk over the few
//! segments before the first scan, so that a picture which needs no change is never decoded.

use crate::error::PictureError;

/// What the frame header of a JPEG states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) components: u8,
    pub(crate) precision: u8,
    pub(crate) process: Process,
    /// Whether the colours are stored as brightness and two differences for certain: numbered 1, 2, and 3, as T.871 has it.
    pub(crate) ycbcr: bool,
}

/// How the pixels are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Process {
    Sequential,
    Progressive,
    Lossless,
    Hierarchical,
    Arithmetic,
}

impl Header {
    /// Reads up to the first scan.
    pub(crate) fn read(jpeg: &[u8]) -> Result<Self, PictureError> {
        if jpeg.is_empty() {
            return Err(PictureError::Empty);
        }
        let Some(rest) = jpeg.strip_prefix(b"\xFF\xD8") else {
            return Err(PictureError::NotJpeg { looks_like: looks_like(jpeg) });
        };
        let mut header = None;
        let mut rest = rest;
        loop {
            let (marker, after) = next_marker(rest).ok_or_else(ends_early)?;
            match marker {
                // Restart markers and TEM stand alone.
                0x01 | 0xD0..=0xD7 => {
                    rest = after;
                    continue;
                }
                0xDA => return header.ok_or_else(|| broken("the pixels come before the header")),
                0xD9 => return Err(broken("there are no pixels in it")),
                _ => {}
            }
            let (segment, after) = segment(after)?;
            if let Some(process) = process(marker) {
                // A second one would let a picture state one size here and another to the decoder.
                if header.is_some() {
                    return Err(broken("it has two headers"));
                }
                header = Some(frame(segment, process)?);
            }
            rest = after;
        }
    }

    /// The pixels of the picture.
    pub(crate) fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// The next marker and what follows it. Stray bytes before a marker are skipped, as every decoder does.
pub(crate) fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let mut rest = bytes;
    loop {
        let start = rest.iter().position(|&byte| byte == 0xFF)?;
        rest = &rest[start..];
        let code = rest.iter().position(|&byte| byte != 0xFF)?;
        let marker = rest[code];
        rest = &rest[code + 1..];
        if marker != 0 {
            return Some((marker, rest));
        }
    }
}

/// The content of a segment, and what follows it.
pub(crate) fn segment(bytes: &[u8]) -> Result<(&[u8], &[u8]), PictureError> {
    let (length, _) = bytes.split_first_chunk().ok_or_else(ends_early)?;
    let length = usize::from(u16::from_be_bytes(*length));
    if length < 2 {
        return Err(broken("a segment in its head has no length"));
    }
    let (segment, after) = bytes.split_at_checked(length).ok_or_else(ends_early)?;
    Ok((&segment[2..], after))
}

fn process(marker: u8) -> Option<Process> {
    Some(match marker {
        0xC0 | 0xC1 => Process::Sequential,
        0xC2 => Process::Progressive,
        0xC3 => Process::Lossless,
        0xC5..=0xC7 | 0xCD..=0xCF => Process::Hierarchical,
        0xC9..=0xCB => Process::Arithmetic,
        _ => return None,
    })
}

fn frame(segment: &[u8], process: Process) -> Result<Header, PictureError> {
    let Some((&[precision, h1, h0, w1, w0, components], parameters)) = segment.split_first_chunk() else {
        return Err(broken("its frame header is too short"));
    };
    // Of each component: its number, how often it is sampled, and its table.
    let ycbcr = matches!(parameters, [1, _, _, 2, _, _, 3, _, _]);
    let (width, height) = (u32::from(u16::from_be_bytes([w1, w0])), u32::from(u16::from_be_bytes([h1, h0])));
    if width == 0 || height == 0 {
        return Err(broken("it states no size"));
    }
    Ok(Header { width, height, components, precision, process, ycbcr })
}

/// What bytes that are no JPEG look like, for a message that helps to find the wrong setting.
fn looks_like(bytes: &[u8]) -> &'static str {
    let text = bytes.trim_ascii_start();
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => "a PNG picture",
        [b'G', b'I', b'F', b'8', ..] => "a GIF picture",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "a WebP picture",
        [b'B', b'M', ..] => "a BMP picture",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "a video, or an AVIF or HEIC picture",
        _ if text.first() == Some(&b'<') => "a web page",
        _ if text.starts_with(b"--") => "a video stream; the address of a still picture is needed",
        _ if bytes.iter().take(64).all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) => "text",
        _ => "something else",
    }
}

fn ends_early() -> PictureError {
    broken("it ends too early")
}

fn broken(reason: &str) -> PictureError {
    PictureError::Broken(reason.to_owned())
}
