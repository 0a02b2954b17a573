//! The ways in which a JPEG stores its colours and its pixels: each comes out as what it shows.

use jpeg_encoder::{ColorType, SamplingFactor};

use super::picture::{Seen, UPRIGHT, colour, encoded, encoded_as, quadrants, samples};
use crate::{Bounds, Limits, Orientation, fit};

const HALF: Bounds = Bounds { width: 150, height: 100 };
const FLIPPED: Orientation = Orientation { flip_h: true, flip_v: false, rotate_90: false };

/// Made smaller, and turned at its full size: 300×200 is enough for the decoder to work on several threads.
#[track_caller]
fn check(jpeg: &[u8]) {
    let half = Seen::new(&fit(jpeg, HALF, Orientation::default(), Limits::default()).unwrap());
    assert_eq!((half.size(), half.quadrants()), ((150, 100), UPRIGHT));
    let flipped = Seen::new(&fit(jpeg, Bounds::default(), FLIPPED, Limits::default()).unwrap());
    assert_eq!((flipped.size(), flipped.quadrants()), ((300, 200), ['G', 'R', 'W', 'B']));
}

fn inks(name: char) -> Vec<u8> {
    // As printers do it: what is dark in all three colours is black ink.
    let [red, green, blue] = colour(name).map(|light| 255 - light);
    let black = red.min(green).min(blue);
    vec![red - black, green - black, blue - black, black]
}

#[test]
fn colours_sampled_at_any_rate() {
    for factor in [
        SamplingFactor::F_1_1,
        SamplingFactor::F_1_2,
        SamplingFactor::F_1_4,
        SamplingFactor::F_2_1,
        SamplingFactor::F_2_2,
        SamplingFactor::F_2_4,
        SamplingFactor::F_4_1,
        SamplingFactor::F_4_2,
    ] {
        check(&encoded(300, 200, |encoder| encoder.set_sampling_factor(factor)));
    }
}

#[test]
fn progressive() {
    check(&encoded(300, 200, |encoder| encoder.set_progressive(true)));
    check(&encoded(300, 200, |encoder| {
        encoder.set_progressive_scans(20);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
    }));
}

#[test]
fn one_scan_per_colour_and_restarts() {
    check(&encoded(300, 200, |encoder| {
        encoder.set_optimized_huffman_tables(true);
        encoder.set_restart_interval(7);
    }));
}

#[test]
fn grey_stays_grey() {
    let grey = samples(300, 200, |name| vec![if name == 'R' { 200 } else { 30 }]);
    let jpeg = encoded_as(&grey, (300, 200), ColorType::Luma, |_| {});
    let orientation = Orientation { rotate_90: true, ..Orientation::default() };
    let seen = Seen::new(&fit(&jpeg, HALF, orientation, Limits::default()).unwrap());
    assert!(seen.is_grey());
    assert_eq!(seen.size(), (100, 150));
    assert!(seen.at(25, 112)[0].abs_diff(200) < 8, "the bright quadrant turned to the left bottom");
    for (x, y) in [(25, 37), (75, 37), (75, 112)] {
        assert!(seen.at(x, y)[0].abs_diff(30) < 8);
    }
}

#[test]
fn four_inks_become_three_lights() {
    let inks = samples(300, 200, inks);
    check(&encoded_as(&inks, (300, 200), ColorType::Cmyk, |_| {}));
    check(&encoded_as(&inks, (300, 200), ColorType::CmykAsYcck, |_| {}));
}

#[test]
fn colours_with_numbers_of_their_own_come_out_the_same() {
    // Numbered 1, 2, 3 they go through as they are stored; numbered otherwise they are converted there and back.
    let jpeg = encoded(300, 200, |_| {});
    let mut renumbered = jpeg.clone();
    let frame = jpeg.windows(2).position(|bytes| bytes == b"\xFF\xC0").unwrap();
    let scan = jpeg.windows(2).position(|bytes| bytes == b"\xFF\xDA").unwrap();
    for index in 0..3 {
        renumbered[frame + 10 + 3 * index] += 10;
        renumbered[scan + 5 + 2 * index] += 10;
    }
    check(&renumbered);
    let seen = |jpeg| Seen::new(&fit(jpeg, HALF, Orientation::default(), Limits::default()).unwrap());
    let (stored, converted) = (seen(&jpeg), seen(&renumbered));
    for (x, y) in (0..150).step_by(5).flat_map(|x| (0..100).step_by(5).map(move |y| (x, y))) {
        for (stored, converted) in stored.at(x, y).iter().zip(converted.at(x, y)) {
            assert!(stored.abs_diff(*converted) <= 8, "{x}, {y}: {stored} and {converted}");
        }
    }
}

#[test]
fn black_ink_darkens() {
    let inks = [0, 0, 255, 128].repeat(64 * 64);
    let jpeg = encoded_as(&inks, (64, 64), ColorType::Cmyk, |_| {});
    let seen = Seen::new(&fit(&jpeg, Bounds::default(), FLIPPED, Limits::default()).unwrap());
    let dark_yellow = seen.at(32, 32);
    assert!(dark_yellow[0].abs_diff(127) < 8 && dark_yellow[1].abs_diff(127) < 8 && dark_yellow[2] < 8);
}

#[test]
fn inks_without_a_mark_of_adobe_are_read_as_viewers_read_them() {
    // Every viewer takes four colours as inverted inks, whoever wrote them.
    let mut jpeg = encoded_as(&samples(300, 200, inks), (300, 200), ColorType::Cmyk, |_| {});
    let mark = jpeg.windows(5).position(|bytes| bytes == b"Adobe").unwrap();
    jpeg[mark..mark + 5].copy_from_slice(b"Other");
    check(&jpeg);
}

#[test]
fn a_profile_of_the_colours_is_kept() {
    let profile = vec![7; 70_000];
    let jpeg = encoded(300, 200, |encoder| encoder.add_icc_profile(&profile).unwrap());
    for (bounds, orientation) in [(HALF, Orientation::default()), (Bounds::default(), FLIPPED), (HALF, FLIPPED)] {
        let fitted = fit(&jpeg, bounds, orientation, Limits::default()).unwrap();
        let mut decoder = jpeg_decoder::Decoder::new(&*fitted);
        decoder.read_info().unwrap();
        assert_eq!(decoder.icc_profile().as_ref(), Some(&profile));
    }
}

#[test]
fn what_goes_out_is_baseline() {
    let jpeg = encoded(300, 200, |encoder| encoder.set_progressive(true));
    let half = fit(&jpeg, HALF, Orientation::default(), Limits::default()).unwrap();
    assert!(half.windows(2).any(|pair| pair == b"\xFF\xC0") && !half.windows(2).any(|pair| pair == b"\xFF\xC2"));
}

#[test]
fn fine_detail_does_not_change_the_brightness() {
    // A chequered picture becomes an even grey, however the decoder and the resizer share the work.
    let chequered: Vec<u8> = (0..256 * 256).map(|index| if (index / 256 + index) % 2 == 0 { 255 } else { 0 }).collect();
    let jpeg = encoded_as(&chequered, (256, 256), ColorType::Luma, |_| {});
    for side in [128, 100, 64, 50, 32, 20] {
        let bounds = Bounds { width: side, height: side };
        let seen = Seen::new(&fit(&jpeg, bounds, Orientation::default(), Limits::default()).unwrap());
        let mean = seen.mean();
        assert!(mean.abs_diff(128) < 4, "{side}: {mean}");
    }
}

#[test]
fn a_picture_without_change_is_of_no_interest() {
    // Lossless, arithmetic, 12 bits: what cannot be decoded here can still be sent.
    let mut jpeg = quadrants(64, 48);
    let frame = jpeg.windows(2).position(|pair| pair == b"\xFF\xC0").unwrap();
    for marker in [0xC1, 0xC3, 0xC5, 0xC9, 0xCA, 0xCE] {
        jpeg[frame + 1] = marker;
        assert_eq!(fit(&jpeg, Bounds::default(), Orientation::default(), Limits::default()).unwrap(), jpeg);
    }
}
