//! What is no picture, or none that can be changed: the right reason, in plain words.

use super::picture::{encoded, quadrants};
use crate::{Bounds, Limits, Orientation, PictureError, fit};

const FLIPPED: Orientation = Orientation { flip_h: true, flip_v: false, rotate_90: false };

fn refused(bytes: &[u8]) -> PictureError {
    fit(bytes, Bounds::default(), FLIPPED, Limits::default()).unwrap_err()
}

/// The picture with the frame header changed: the marker's second byte at 1, the precision at 4, the components at 9.
fn with_frame(change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut jpeg = quadrants(64, 48);
    let frame = jpeg.windows(2).position(|pair| pair == b"\xFF\xC0").unwrap();
    change(&mut jpeg[frame..]);
    jpeg
}

#[test]
fn nothing_is_an_empty_picture() {
    assert_eq!(refused(b""), PictureError::Empty);
}

#[test]
fn what_is_no_jpeg_is_named() {
    for (bytes, looks_like) in [
        (b"\x89PNG\r\n\x1A\n....".as_slice(), "a PNG picture"),
        (b"GIF89a", "a GIF picture"),
        (b"RIFF....WEBPVP8 ", "a WebP picture"),
        (b"BM......", "a BMP picture"),
        (b"\0\0\0\x18ftypmp42", "a video, or an AVIF or HEIC picture"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"\r\n  <html>", "a web page"),
        (b"--boundary\r\nContent-Type: image/jpeg", "a video stream; the address of a still picture is needed"),
        (b"401 Unauthorized", "text"),
        (b"\x01\x02\x03", "something else"),
        (b"\xFF", "something else"),
    ] {
        assert_eq!(refused(bytes), PictureError::NotJpeg { looks_like });
    }
    assert_eq!(refused(b"<html>").to_string(), "the picture is not a JPEG, it looks like a web page");
}

#[test]
fn a_picture_that_ends_too_early_is_said_to_be_so() {
    let jpeg = quadrants(64, 48);
    for length in 2..jpeg.len() {
        assert_eq!(refused(&jpeg[..length]), PictureError::Broken("it ends too early".to_owned()), "{length}");
    }
    assert!(fit(&jpeg, Bounds::default(), FLIPPED, Limits::default()).is_ok());
}

#[test]
fn what_stands_behind_the_picture_does_not_matter() {
    let jpeg = [quadrants(64, 48), b"\0\0\0 and more".to_vec()].concat();
    assert!(fit(&jpeg, Bounds::default(), FLIPPED, Limits::default()).is_ok());
}

#[test]
fn garbage_behind_a_right_beginning_is_a_damaged_picture() {
    for (bytes, reason) in [
        (b"\xFF\xD8 nothing".as_slice(), "it ends too early"),
        (b"\xFF\xD8\xFF\xE0\0\x01", "a segment in its head has no length"),
        (b"\xFF\xD8\xFF\xDA\0\x02", "the pixels come before the header"),
        (b"\xFF\xD8\xFF\xD9", "there are no pixels in it"),
        (b"\xFF\xD8\xFF\xC0\0\x05\x08\0\x01", "its frame header is too short"),
        (b"\xFF\xD8\xFF\xC0\0\x0B\x08\0\0\0\x01\x01\0\0\0", "it states no size"),
    ] {
        assert_eq!(refused(bytes), PictureError::Broken(reason.to_owned()));
    }
}

#[test]
fn a_second_header_is_refused_even_if_nothing_has_to_change() {
    let mut jpeg = quadrants(64, 48);
    let frame = jpeg.windows(2).position(|pair| pair == b"\xFF\xC0").unwrap();
    let small_frame = jpeg[frame..frame + 19].to_vec();
    jpeg.splice(frame..frame, small_frame);
    let answer = fit(&jpeg, Bounds::default(), Orientation::default(), Limits::default());
    assert_eq!(answer, Err(PictureError::Broken("it has two headers".to_owned())));
}

#[test]
fn kinds_that_cannot_be_changed_are_named() {
    for (jpeg, reason) in [
        (with_frame(|frame| frame[1] = 0xC3), "it is stored without loss"),
        (with_frame(|frame| frame[1] = 0xC6), "it holds several pictures in one"),
        (with_frame(|frame| frame[1] = 0xC9), "it uses arithmetic coding"),
        (with_frame(|frame| frame[4] = 12), "it has more than 8 bits per sample"),
        (with_frame(|frame| frame[9] = 2), "it is neither grey nor in colours"),
        (with_frame(|frame| frame[5..9].copy_from_slice(&[0, 1, 0xFF, 0xFF])), "its sides are too long"),
        (with_frame(|frame| frame[5..9].copy_from_slice(&[0xFF, 0xFF, 0, 1])), "its sides are too long"),
        (with_frame(|frame| (frame[11], frame[14]) = (0x31, 0x21)), "its colours are sampled in an unusual way"),
    ] {
        assert_eq!(refused(&jpeg), PictureError::Unsupported(reason));
    }
}

#[test]
fn scans_without_end_are_refused() {
    let too_many = PictureError::Unsupported("it has too many scans");
    let scan = b"\xFF\xDA\0\x08\x01\0\0\0\0\0";
    for (jpeg, allowed) in [(quadrants(64, 48), 16), (encoded(64, 48, |encoder| encoder.set_progressive(true)), 100)] {
        let own = jpeg.windows(2).filter(|pair| *pair == b"\xFF\xDA").count();
        // Behind the end they do no harm, but are counted: the point is that nothing is decoded.
        let more = |count| [jpeg.clone(), scan.repeat(count)].concat();
        assert!(fit(&more(allowed - own), Bounds::default(), FLIPPED, Limits::default()).is_ok());
        assert_eq!(refused(&more(allowed - own + 1)), too_many);
    }
}
