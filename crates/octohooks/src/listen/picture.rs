//! Pictures among what arrives: what they are, how large, and a file for each.
//!
//! A file's name is made here: the time, and of the sender's name the harmless characters alone. A file that exists is
//! never written over.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use jiff::ZonedDateTime;

/// The longest part of a file name that the sender chooses.
const LONGEST_NAME: usize = 40;

/// How many pictures may want the same name, which takes the same millisecond.
const MOST_OF_A_NAME: u32 = 1000;

/// A picture in a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Picture<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) format: Format,
    /// Width and height, if they are stated where they should be.
    pub(super) dimensions: Option<(u32, u32)>,
    /// Where it was saved.
    pub(super) saved: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Jpeg,
    Png,
}

impl<'a> Picture<'a> {
    /// Recognises a picture by its first bytes, whatever it is called.
    pub(super) fn of(bytes: &'a [u8]) -> Option<Self> {
        let (format, dimensions) = match bytes {
            [0xFF, 0xD8, 0xFF, ..] => (Format::Jpeg, jpeg_dimensions(bytes)),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => (Format::Png, png_dimensions(bytes)),
            _ => return None,
        };
        Some(Self { bytes, format, dimensions, saved: None })
    }

    /// Writes the picture to a new file of the folder.
    pub(super) fn save(&mut self, folder: &Path, at: &ZonedDateTime, name: &str) -> anyhow::Result<()> {
        let stem = format!("{}-{}", at.strftime("%Y-%m-%dT%H-%M-%S.%3f"), harmless(name));
        for number in 1..=MOST_OF_A_NAME {
            let again = if number == 1 { String::new() } else { format!("-{number}") };
            let path = folder.join(format!("{stem}{again}.{}", self.format.extension()));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => {
                    file.write_all(self.bytes).with_context(|| format!("write {}", path.display()))?;
                    self.saved = Some(path);
                    return Ok(());
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error).with_context(|| format!("make {}", path.display())),
            }
        }
        anyhow::bail!("there are too many pictures of the name {stem} in {}", folder.display())
    }
}

impl Format {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG picture",
            Self::Png => "PNG picture",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }
}

/// A name without folders and extension, of ASCII letters, digits, `-` and `_`.
fn harmless(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let harmless: String = stem
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() || character == '-' { character } else { '_' })
        .take(LONGEST_NAME)
        .collect();
    let harmless = harmless.trim_matches('_');
    if harmless.is_empty() { "picture".to_owned() } else { harmless.to_owned() }
}

/// The size in the frame header, which is a segment before the first scan.
fn jpeg_dimensions(jpeg: &[u8]) -> Option<(u32, u32)> {
    let mut rest = jpeg.get(2..)?;
    loop {
        let &[0xFF, marker, length_1, length_0] = rest.first_chunk()? else { return None };
        if marker == 0xFF {
            // A filling byte.
            rest = &rest[1..];
            continue;
        }
        let length = usize::from(u16::from_be_bytes([length_1, length_0]));
        let segment = rest.get(4..2 + length)?;
        match marker {
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                let &[_, height_1, height_0, width_1, width_0] = segment.first_chunk()?;
                let side = |bytes| u32::from(u16::from_be_bytes(bytes));
                return Some((side([width_1, width_0]), side([height_1, height_0])));
            }
            0xDA => return None,
            _ => rest = &rest[2 + length..],
        }
    }
}

/// The size in the first chunk.
fn png_dimensions(png: &[u8]) -> Option<(u32, u32)> {
    let header = png.get(12..24)?.strip_prefix(b"IHDR")?;
    let side = |at: usize| header.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
    Some((side(0)?, side(4)?))
}

#[cfg(test)]
mod tests {
    use super::{Picture, harmless};

    #[test]
    fn a_name_leads_nowhere() {
        for (name, expected) in [
            ("snapshot.jpg", "snapshot"),
            ("../../etc/passwd", "passwd"),
            ("..", "picture"),
            ("", "picture"),
            ("\u{1B}[31mC:\\x.y.jpg", "x_y"),
            ("größe", "gr__e"),
            ("\u{1B}[31mred", "31mred"),
        ] {
            assert_eq!(harmless(name), expected);
        }
        assert_eq!(harmless(&"x".repeat(1000)).len(), 40);
    }

    #[test]
    fn sizes_are_read_where_they_stand() {
        let jpeg = b"\xFF\xD8\xFF\xE0\0\x04ab\xFF\xFF\xC2\0\x0B\x08\x04\xD0\x06\x68\x01\0\0\0\xFF\xDA";
        assert_eq!(Picture::of(jpeg).unwrap().dimensions, Some((1640, 1232)));
        let png = b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\x01\0\0\0\0\x10\x08";
        assert_eq!(Picture::of(png).unwrap().dimensions, Some((256, 16)));
        for bytes in [b"\xFF\xD8\xFF\xE0\0\0".as_slice(), b"\xFF\xD8\xFF", b"\xFF\xD8\xFF\xDA\0\x04ab", &png[..20]] {
            assert_eq!(Picture::of(bytes).unwrap().dimensions, None);
        }
        assert_eq!(Picture::of(b"GIF89a"), None);
    }
}
