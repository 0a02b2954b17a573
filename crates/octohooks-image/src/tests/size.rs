//! How large a picture becomes, and that nothing is touched that fits.

use std::borrow::Cow;

use proptest::prelude::*;

use jpeg_encoder::ColorType;

use super::picture::{Seen, UPRIGHT, encoded_as, quadrants};
use crate::{Bounds, Limits, Orientation, PictureError, fit, fit_below};

fn shrunk(jpeg: &[u8], width: u32, height: u32) -> Seen {
    Seen::new(&fit(jpeg, Bounds { width, height }, Orientation::default(), Limits::default()).unwrap())
}

#[track_caller]
fn check(size: (u16, u16), expected: (u16, u16)) {
    let jpeg = quadrants(size.0, size.1);
    let fitted = fit(&jpeg, Bounds::default(), Orientation::default(), Limits::default()).unwrap();
    let seen = Seen::new(&fitted);
    assert_eq!(seen.size(), expected);
    assert_eq!(seen.quadrants(), UPRIGHT);
    assert_eq!(matches!(fitted, Cow::Borrowed(_)), size == expected);
}

#[test]
fn a_picture_that_fits_is_the_very_same_bytes() {
    let jpeg = quadrants(64, 48);
    let fitted = fit(&jpeg, Bounds::default(), Orientation::default(), Limits::default()).unwrap();
    assert!(matches!(fitted, Cow::Borrowed(bytes) if std::ptr::eq(bytes, jpeg.as_slice())));
}

#[test]
fn only_the_head_of_a_picture_that_fits_is_read() {
    let jpeg = quadrants(64, 48);
    let scan = jpeg.windows(2).position(|pair| pair == b"\xFF\xDA").unwrap();
    let mut damaged = jpeg[..scan + 2].to_vec();
    damaged.extend_from_slice(b"anything at all");
    assert_eq!(fit(&damaged, Bounds::default(), Orientation::default(), Limits::default()).unwrap(), damaged);
}

#[test]
fn a_picture_of_exactly_the_greatest_size_is_not_touched() {
    check((1640, 1232), (1640, 1232));
}

#[test]
fn a_full_picture_of_the_camera_becomes_half() {
    check((3280, 2464), (1640, 1232));
}

#[test]
fn a_wide_picture_is_bound_by_its_width() {
    check((1920, 1080), (1640, 923));
}

#[test]
fn a_high_picture_is_bound_by_its_height() {
    check((1000, 2000), (616, 1232));
}

#[test]
fn one_pixel_too_many_is_enough_to_change() {
    check((1641, 1232), (1640, 1231));
}

#[test]
fn a_small_picture_never_becomes_larger() {
    check((64, 48), (64, 48));
}

#[test]
fn a_line_stays_a_line() {
    assert_eq!(shrunk(&quadrants(200, 2), 20, 20).size(), (20, 1));
    assert_eq!(shrunk(&quadrants(2, 200), 20, 20).size(), (1, 20));
}

#[test]
fn bounds_of_nothing_still_leave_a_pixel() {
    assert_eq!(shrunk(&quadrants(64, 48), 0, 0).size(), (1, 1));
}

#[test]
fn too_many_bytes_are_refused_unseen() {
    let limits = Limits { max_bytes: 99, ..Limits::default() };
    let answer = fit(&[0; 100], Bounds::default(), Orientation::default(), limits);
    assert_eq!(answer, Err(PictureError::TooManyBytes { bytes: 100, max_bytes: 99 }));
}

#[test]
fn too_many_pixels_are_refused_before_anything_is_decoded() {
    // Nothing but a head: to decode it would be a different error, and 12 gigabytes.
    let head = |marker: u8| {
        [b"\xFF\xD8\xFF", [marker].as_slice(), b"\0\x11\x08\xFF\xFF\xFF\xFF\x03", &[0; 9], b"\xFF\xDA"].concat()
    };
    let refused = |marker, max_pixels| {
        let limits = Limits { max_pixels, ..Limits::default() };
        fit(&head(marker), Bounds::default(), Orientation::default(), limits).unwrap_err()
    };
    let too_many = |max_pixels| PictureError::TooManyPixels { width: 65_535, height: 65_535, max_pixels };
    assert_eq!(refused(0xC0, 50_000_000), too_many(50_000_000));
    assert_eq!(refused(0xC2, 50_000_000), too_many(12_500_000));
    assert_eq!(
        too_many(50_000_000).to_string(),
        "the picture is 65535×65535, more than the 50000000 pixels that are accepted"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_picture_fits_keeps_its_shape_and_never_grows(
        width in 1u16..300, height in 1u16..300, bound_width in 1u32..120, bound_height in 1u32..120,
    ) {
        let seen = shrunk(&quadrants(width, height), bound_width, bound_height);
        let (bound_width, bound_height) = (f64::from(bound_width), f64::from(bound_height));
        let (width, height) = (f64::from(width), f64::from(height));
        let (new_width, new_height) = (f64::from(seen.width), f64::from(seen.height));
        prop_assert!(new_width <= bound_width.min(width) && new_height <= bound_height.min(height));
        let factor = (bound_width / width).min(bound_height / height).min(1.0);
        prop_assert!((new_width - width * factor).abs() < 1.0, "{new_width} of {width} by {factor}");
        prop_assert!((new_height - height * factor).abs() < 1.0, "{new_height} of {height} by {factor}");
    }
}

/// Grains of all colours, of which no quality is left in few bytes.
fn grains(width: u16, height: u16) -> Vec<u8> {
    let mut state = 1_u32;
    let mut grain = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let samples: Vec<u8> = (0..usize::from(width) * usize::from(height) * 3).map(|_| grain()).collect();
    encoded_as(&samples, (width, height), ColorType::Rgb, |_| {})
}

#[test]
fn a_file_becomes_as_small_as_is_wanted_first_by_quality_and_then_by_size() {
    let jpeg = grains(320, 240);
    assert!(matches!(fit_below(&jpeg, jpeg.len(), Limits::default()), Ok(Cow::Borrowed(_))));
    let sizes = [jpeg.len() - 1, jpeg.len() / 3, jpeg.len() / 8, jpeg.len() / 40].map(|most| {
        let smaller = fit_below(&jpeg, most, Limits::default()).unwrap();
        assert!(smaller.len() <= most, "{} bytes are more than {most}", smaller.len());
        Seen::new(&smaller).size()
    });
    assert_eq!(sizes[0], (320, 240));
    assert!(sizes.is_sorted_by_key(|(width, _)| std::cmp::Reverse(*width)), "{sizes:?}");
    assert!(sizes[3].0 < 320 && sizes[3].0 * 3 == sizes[3].1 * 4, "{sizes:?}");
}

#[test]
fn a_file_that_cannot_be_as_small_as_that_is_refused() {
    let jpeg = grains(320, 240);
    assert_eq!(fit_below(&jpeg, 100, Limits::default()), Err(PictureError::CannotBeSmaller { max_bytes: 100 }));
    assert_eq!(fit_below(b"<html>", 2, Limits::default()), Err(PictureError::NotJpeg { looks_like: "a web page" }));
}
