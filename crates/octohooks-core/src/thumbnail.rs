//! The thumbnails that slicers put into G-code: the head of a file in, pictures out.
//!
//! They stand in comments as base64, in one of three ways: between `; thumbnail begin 300x300 12345` and `; thumbnail end`
//! (`PrusaSlicer`, `OrcaSlicer`, Bambu Studio, `SuperSlicer`, and Cura by way of its script; `thumbnail_JPG`, `png`, and `jpg` are
//! other words for it), or behind `;thumbnail: data:image/png;base64,` (Luban, Snapmaker's Cura). What kind of picture it is
//! is told by its bytes.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use crate::picture::Format;

/// Thumbnails stand in the first so many bytes of a file, or are not looked for.
pub const HEAD: usize = 2 << 20;

/// More of them than this no slicer writes.
const MOST: usize = 32;

/// Padded or not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One of the thumbnails of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// What kind of picture it is.
    pub kind: Kind,
    /// In pixels, as the file says; 0 where it does not say.
    pub width: u32,
    /// In pixels, as the file says; 0 where it does not say.
    pub height: u32,
    /// The picture.
    pub bytes: Vec<u8>,
}

/// The kinds of picture that slicers write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One that can be sent.
    Sent(Format),
    /// QOI, which hardly anything but printers can show.
    Qoi,
}

/// Why there is no thumbnail, a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoThumbnail {
    /// The file has none.
    #[error("The file has no thumbnail in it; the slicer has to write one.")]
    None,
    /// It has some that cannot be sent.
    #[error("The file's thumbnails are QOI, which is not supported: choose PNG in the slicer.")]
    Qoi,
    /// It is no text.
    #[error("The file is binary G-code, of which thumbnails cannot be read.")]
    Binary,
}

/// The largest thumbnail that can be sent.
///
/// # Errors
/// See [`NoThumbnail`].
pub fn largest(head: &[u8]) -> Result<Thumbnail, NoThumbnail> {
    if head.starts_with(b"GCDE") {
        return Err(NoThumbnail::Binary);
    }
    let found = all(head);
    let has_qoi = found.iter().any(|thumbnail| thumbnail.kind == Kind::Qoi);
    let sent = found.into_iter().filter(|thumbnail| thumbnail.kind != Kind::Qoi);
    let area =
        |thumbnail: &Thumbnail| (u64::from(thumbnail.width) * u64::from(thumbnail.height), thumbnail.bytes.len());
    sent.max_by_key(area).ok_or(if has_qoi { NoThumbnail::Qoi } else { NoThumbnail::None })
}

/// Every thumbnail in the head of a file, in its order. One that is damaged or cut off is left out.
pub fn all(head: &[u8]) -> Vec<Thumbnail> {
    let mut found = Vec::new();
    let mut open: Option<(u32, u32, Vec<u8>)> = None;
    for line in head.split(|byte| *byte == b'\n') {
        let Some(comment) = line.trim_ascii().strip_prefix(b";").map(<[u8]>::trim_ascii) else {
            // A thumbnail is one block of comments.
            open = None;
            continue;
        };
        match open.as_mut().map(|(.., base64)| base64) {
            Some(_) if word_of(comment, b"end") => {
                if let Some((width, height, base64)) = open.take() {
                    found.extend(read(width, height, &base64));
                }
            }
            Some(base64) => base64.extend_from_slice(comment),
            None => {
                open = begin(comment).map(|(width, height)| (width, height, Vec::new()));
                found.extend(data_url(comment).and_then(|base64| read(0, 0, base64)));
            }
        }
        if found.len() >= MOST {
            break;
        }
    }
    found
}

/// Whether a comment is `thumbnail <word>`, or another word for it.
fn word_of(comment: &[u8], word: &[u8]) -> bool {
    let mut words = comment.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    words.next().is_some_and(is_thumbnail) && words.next().is_some_and(|found| found.eq_ignore_ascii_case(word))
}

fn is_thumbnail(word: &[u8]) -> bool {
    const WORDS: [&[u8]; 6] = [b"thumbnail", b"thumbnail_png", b"thumbnail_jpg", b"thumbnail_qoi", b"png", b"jpg"];
    WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// The size behind `thumbnail begin`: `300x200`, `300*200`, or `300 200`.
fn begin(comment: &[u8]) -> Option<(u32, u32)> {
    if !word_of(comment, b"begin") {
        return None;
    }
    let text = std::str::from_utf8(comment).ok()?;
    let mut numbers = text.split(|letter: char| !letter.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let mut next = || numbers.next()?.parse::<u32>().ok();
    Some((next()?, next()?))
}

/// The base64 behind `thumbnail: data:image/png;base64,`.
fn data_url(comment: &[u8]) -> Option<&[u8]> {
    const WORD: &[u8] = b"thumbnail:";
    let (word, rest) = comment.split_at_checked(WORD.len())?;
    let rest = rest.trim_ascii_start();
    if !word.eq_ignore_ascii_case(WORD) || !rest.starts_with(b"data:image/") {
        return None;
    }
    let comma = rest.iter().take(64).position(|byte| *byte == b',')?;
    rest[..comma].ends_with(b";base64").then(|| &rest[comma + 1..])
}

fn read(width: u32, height: u32, base64: &[u8]) -> Option<Thumbnail> {
    let bytes = BASE64.decode(base64).ok()?;
    let kind = match Format::of(&bytes) {
        Some(format) => Kind::Sent(format),
        None if bytes.starts_with(b"qoif") => Kind::Qoi,
        None => return None,
    };
    Some(Thumbnail { kind, width, height, bytes })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::{Format, Kind, NoThumbnail, all, largest};

    const PNG: &[u8] = b"\x89PNG\r\n\x1A\nsmall";
    const LARGER_PNG: &[u8] =
        b"\x89PNG\r\n\x1A\nand a good deal larger than the other one, so that it takes some lines";
    const JPEG: &[u8] = b"\xFF\xD8\xFFjpeg";
    const QOI: &[u8] = b"qoif\0\0\0\x10";

    /// As `PrusaSlicer` writes it, in lines of 78 letters; its offspring does alike.
    fn block(word: &str, size: &str, picture: &[u8], end_of_line: &str) -> String {
        let base64 = STANDARD.encode(picture);
        let mut lines = vec![";".to_owned(), format!("; {word} begin {size} {}", base64.len())];
        lines.extend(base64.as_bytes().chunks(78).map(|line| format!("; {}", String::from_utf8_lossy(line))));
        lines.extend([format!("; {word} end"), ";".to_owned(), String::new()]);
        lines.join(end_of_line)
    }

    fn sizes(head: &str) -> Vec<(Kind, u32, u32)> {
        all(head.as_bytes()).into_iter().map(|found| (found.kind, found.width, found.height)).collect()
    }

    #[test]
    fn the_largest_of_prusa_slicer_s_is_taken() {
        let small = block("thumbnail", "16x16", PNG, "\n");
        let large = block("thumbnail", "313x173", LARGER_PNG, "\n");
        let file = format!("; generated by PrusaSlicer 2.9.0\n\n{large}{small}\nG28 ; home\n");
        let found = largest(file.as_bytes()).unwrap();
        assert_eq!((found.width, found.height, found.bytes.as_slice()), (313, 173, LARGER_PNG));
        assert_eq!(found.kind, Kind::Sent(Format::Png));
    }

    #[test]
    fn the_ways_of_other_slicers_are_read() {
        let orca = format!("; HEADER_BLOCK_START\r\n{}", block("thumbnail_JPG", "48x48", JPEG, "\r\n"));
        assert_eq!(sizes(&orca), [(Kind::Sent(Format::Jpeg), 48, 48)]);
        let old_cura = block("thumbnail", "300 200", PNG, "\n").replace("; ", ";");
        assert_eq!(sizes(&old_cura), [(Kind::Sent(Format::Png), 300, 200)]);
        let creality = block("png", "96*96", PNG, "\n");
        assert_eq!(sizes(&creality), [(Kind::Sent(Format::Png), 96, 96)]);
        let luban = format!(";Header Start\n;thumbnail: data:image/png;base64,{}\n", STANDARD.encode(PNG));
        assert_eq!(sizes(&luban), [(Kind::Sent(Format::Png), 0, 0)]);
        let unpadded = block("thumbnail", "1x1", JPEG, "\n").replace('=', "");
        assert_eq!(sizes(&unpadded).len(), 1);
    }

    #[test]
    fn qoi_is_named_as_what_it_is() {
        let qoi = block("thumbnail_QOI", "300x300", QOI, "\n");
        assert_eq!(largest(qoi.as_bytes()), Err(NoThumbnail::Qoi));
        let both = qoi + &block("thumbnail", "16x16", PNG, "\n");
        assert_eq!(largest(both.as_bytes()).unwrap().width, 16);
    }

    #[test]
    fn what_is_no_thumbnail_is_none() {
        assert_eq!(largest(b"G28\nG1 X1\n; thumbnail end\n"), Err(NoThumbnail::None));
        assert_eq!(largest(b"GCDE\x01\0\0\0"), Err(NoThumbnail::Binary));
        let check = |file: &str| assert_eq!(sizes(file), [], "{file}");
        check("; thumbnail begin\n; AAAA\n; thumbnail end\n");
        check("; thumbnail begin 16x16 4\n; AAAA\n; thumbnail end\n");
        check("; thumbnail begin 16x16 4\n; not base64!\n; thumbnail end\n");
        check("; thumbnail begin 16x16 99999999999999999999999\n");
        check("; thumbnail begin 99999999999999x16 4\n; AAAA\n; thumbnail end\n");
        check(";thumbnail: data:image/png,AAAA\n;thumbnail:\n");
        let whole = block("thumbnail", "313x173", LARGER_PNG, "\n");
        for end in 0..whole.len() {
            assert!(sizes(&whole[..end]).len() <= 1);
        }
        // Cut off by the end of what is read.
        check(&whole[..whole.len() - 40]);
    }
}
