//! That a picture whose blocks are moved is the picture whose pixels are.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use proptest::prelude::*;

use super::reading::{self, Amplitude};
use super::segments::Picture;
use super::{Placement, placed};
use crate::decode;
use crate::header::Header;
use crate::orientation::{Orientation, Pixels};
use crate::tests::picture::encoded_as;

fn placements() -> impl Iterator<Item = Placement> {
    orientations().map(Placement::from)
}

fn orientations() -> impl Iterator<Item = Orientation> {
    (0..8).map(|bits| Orientation { flip_h: bits & 1 != 0, flip_v: bits & 2 != 0, rotate_90: bits & 4 != 0 })
}

/// Light that falls off, lines, and the noise of a sensor.
fn photograph(width: u16, height: u16, channels: u32) -> Vec<u8> {
    let mut noise = 1u32;
    let mut sample = |x: u32, y: u32, channel: u32| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let light = 30 + 150 * (x + (channel + 1) * y / 2) / (u32::from(width) + 2 * u32::from(height));
        let line = if (x + 2 * y) % 37 < 3 { 40 } else { 0 };
        u8::try_from(light + line + (noise >> 28)).unwrap()
    };
    let (width, height) = (u32::from(width), u32::from(height));
    (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| (0..channels).map(move |channel| (x, y, channel))))
        .map(|(x, y, channel)| sample(x, y, channel))
        .collect()
}

fn colourful(size: (u16, u16), factor: SamplingFactor, set: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    encoded_as(&photograph(size.0, size.1, 3), size, ColorType::Rgb, |encoder| {
        encoder.set_sampling_factor(factor);
        set(encoder);
    })
}

fn grey(size: (u16, u16), set: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    encoded_as(&photograph(size.0, size.1, 1), size, ColorType::Luma, set)
}

/// One of each kind, of a size that is whole in all of them.
fn pictures() -> Vec<Vec<u8>> {
    const SIZE: (u16, u16) = (128, 64);
    vec![
        grey(SIZE, |_| {}),
        grey(SIZE, |encoder| encoder.set_optimized_huffman_tables(true)),
        grey(SIZE, |encoder| encoder.set_quality(100)),
        colourful(SIZE, SamplingFactor::F_1_1, |_| {}),
        colourful(SIZE, SamplingFactor::F_2_1, |_| {}),
        colourful(SIZE, SamplingFactor::F_1_2, |_| {}),
        colourful(SIZE, SamplingFactor::F_2_2, |_| {}),
        colourful(SIZE, SamplingFactor::F_2_2, |encoder| encoder.set_restart_interval(1)),
        colourful(SIZE, SamplingFactor::F_2_2, |encoder| encoder.set_restart_interval(13)),
    ]
}

fn blocks(jpeg: &[u8]) -> Vec<(i16, Vec<Amplitude>)> {
    let picture = Picture::read(jpeg).unwrap();
    let coefficients = reading::read(&picture).unwrap();
    let of = |(index, (columns, rows)): (usize, (usize, usize))| {
        (0..rows).flat_map(move |y| (0..columns).map(move |x| (index, (x, y))))
    };
    let components = picture.components.iter().map(super::segments::Component::blocks).enumerate();
    let read = |(index, place)| {
        let (dc, amplitudes) = coefficients.block(index, place);
        (dc, amplitudes.to_vec())
    };
    components.flat_map(of).map(read).collect()
}

fn back(Placement { mirror_x, mirror_y, transpose }: Placement) -> Placement {
    if transpose {
        Placement { mirror_x: mirror_y, mirror_y: mirror_x, transpose }
    } else {
        Placement { mirror_x, mirror_y, transpose }
    }
}

fn pixels(jpeg: &[u8]) -> Pixels {
    let (width, height) = Picture::read(jpeg).map_or((0, 0), |picture| picture.size);
    let size = (u32::try_from(width).unwrap(), u32::try_from(height).unwrap());
    decode::decode(jpeg, &Header::read(jpeg).unwrap(), size).unwrap().0
}

/// The mean and the greatest difference of what is seen in two pictures.
fn difference(left: &Pixels, right: &Pixels) -> (f64, u8) {
    assert_eq!((left.width, left.height), (right.width, right.height));
    assert_eq!(left.colors, right.colors);
    let samples = left.samples.iter().zip(&right.samples);
    let differences: Vec<u8> = samples.map(|(left, right)| left.abs_diff(*right)).collect();
    let sum: u32 = differences.iter().copied().map(u32::from).sum();
    (f64::from(sum) / f64::from(u32::try_from(differences.len()).unwrap()), differences.into_iter().max().unwrap())
}

#[test]
fn what_is_placed_and_placed_back_has_the_same_coefficients() {
    for (index, jpeg) in pictures().iter().enumerate() {
        let original = blocks(jpeg);
        for placement in placements() {
            assert_eq!(placement.then(back(placement)), Placement::default());
            let there = placed(jpeg, placement).unwrap();
            assert_eq!(blocks(&there).len(), original.len());
            let back = placed(&there, back(placement)).unwrap();
            assert!(blocks(&back) == original, "picture {index}, {placement:?}");
        }
    }
}

#[test]
fn moved_blocks_show_what_moved_pixels_show() {
    for (index, jpeg) in pictures().iter().enumerate() {
        for orientation in orientations() {
            let placed = pixels(&placed(jpeg, orientation.into()).unwrap());
            let (mean, greatest) = difference(&placed, &pixels(jpeg).oriented(orientation));
            // The decoder rounds, and smooths colours, from left to right and from top to bottom.
            assert!(mean < 0.5 && greatest <= 4, "picture {index}, {orientation:?}: {mean}, {greatest}");
        }
    }
}

#[test]
fn a_side_that_does_not_end_with_a_block_is_kept_whole() {
    use SamplingFactor::{F_1_1, F_1_2, F_2_1, F_2_2};
    for (size, factor) in [
        ((96, 72), F_2_2),
        ((72, 96), F_2_2),
        ((100, 76), F_2_2),
        ((6, 2), F_2_2),
        ((97, 71), F_1_1),
        ((1, 1), F_1_1),
        ((98, 71), F_2_1),
        ((97, 74), F_1_2),
    ] {
        let jpeg = colourful(size, factor, |encoder| encoder.set_quality(95));
        for orientation in orientations() {
            let placed = pixels(&placed(&jpeg, orientation.into()).unwrap());
            let (mean, greatest) = difference(&placed, &pixels(&jpeg).oriented(orientation));
            assert!(mean < 3.5 && greatest < 25, "{size:?}, {factor:?}, {orientation:?}: {mean}, {greatest}");
        }
    }
}

#[test]
fn what_is_not_off_the_grid_is_kept_as_it_is_beside_what_is() {
    // As 1920×1080 flipped upside down: only the colours are off.
    let jpeg = colourful((96, 72), SamplingFactor::F_2_2, |_| {});
    let upside_down = Placement { mirror_y: true, ..Placement::default() };
    let there_and_back = placed(&placed(&jpeg, upside_down).unwrap(), upside_down).unwrap();
    let (before, after) = (blocks(&jpeg), blocks(&there_and_back));
    assert_eq!(before[..12 * 9], after[..12 * 9]);
    assert_ne!(before[12 * 9..], after[12 * 9..]);
}

#[test]
fn a_mirrored_side_that_ends_within_a_sample_of_colour_is_left_to_the_decoder() {
    let jpeg = colourful((97, 71), SamplingFactor::F_2_2, |_| {});
    for placement in placements() {
        assert_eq!(placed(&jpeg, placement).is_some(), !placement.mirror_x && !placement.mirror_y, "{placement:?}");
    }
}

#[test]
fn a_tag_and_what_is_asked_come_together() {
    for tag in 0..=9u8 {
        let exif = [b"II\x2A\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(), &[tag, 0, 0, 0]].concat();
        let jpeg = colourful((64, 32), SamplingFactor::F_2_2, |encoder| encoder.add_exif_metadata(&exif).unwrap());
        let (upright, tagged) = decode::decode(&jpeg, &Header::read(&jpeg).unwrap(), (64, 32)).unwrap();
        let upright = upright.oriented(tagged);
        for orientation in orientations() {
            let placed = pixels(&placed(&jpeg, orientation.into()).unwrap());
            let upright = Pixels { samples: upright.samples.clone(), profile: None, ..upright };
            let (_, greatest) = difference(&placed, &upright.oriented(orientation));
            assert!(greatest <= 4, "tag {tag}, {orientation:?}: {greatest}");
        }
    }
}

#[test]
fn colours_are_meant_as_they_were() {
    // Without JFIF and with numbers of its own, Adobe's mark alone says that these are red, green, and blue.
    let mut jpeg = colourful((64, 32), SamplingFactor::F_1_1, |encoder| {
        encoder.add_app_segment(14, b"Adobe\0\x64\0\0\0\0\0".to_vec()).unwrap();
        encoder.add_icc_profile(b"a profile").unwrap();
    });
    let name = jpeg.windows(4).position(|bytes| bytes == b"JFIF").unwrap();
    jpeg[name..name + 4].copy_from_slice(b"NONE");
    let frame = jpeg.windows(2).position(|bytes| bytes == b"\xFF\xC0").unwrap();
    let scan = jpeg.windows(2).position(|bytes| bytes == b"\xFF\xDA").unwrap();
    for index in 0..3 {
        jpeg[frame + 10 + 3 * index] += 10;
        jpeg[scan + 5 + 2 * index] += 10;
    }
    for orientation in orientations() {
        let placed = placed(&jpeg, orientation.into()).unwrap();
        let (_, greatest) = difference(&pixels(&placed), &pixels(&jpeg).oriented(orientation));
        assert!(greatest <= 4, "{orientation:?}: {greatest}");
        let profile = b"ICC_PROFILE\0\x01\x01a profile";
        assert!(placed.windows(profile.len()).any(|bytes| bytes == profile));
    }
}

#[test]
fn what_is_unusual_is_left_to_the_decoder() {
    let size = (64, 32);
    let plain = colourful(size, SamplingFactor::F_2_2, |_| {});
    let restarts = colourful(size, SamplingFactor::F_2_2, |encoder| encoder.set_restart_interval(1));
    let third = restarts.windows(2).position(|bytes| bytes == b"\xFF\xD2").unwrap();
    let changed = |change: fn(&mut Vec<u8>)| {
        let mut jpeg = plain.clone();
        change(&mut jpeg);
        jpeg
    };
    for (reason, jpeg) in [
        ("progressive", colourful(size, SamplingFactor::F_2_2, |encoder| encoder.set_progressive(true))),
        ("several scans", colourful(size, SamplingFactor::F_2_2, |encoder| encoder.set_optimized_huffman_tables(true))),
        ("inks", encoded_as(&photograph(64, 32, 4), size, ColorType::Cmyk, |_| {})),
        ("no end", plain[..plain.len() - 2].to_vec()),
        ("ends early", [&plain[..plain.len() - 40], b"\xFF\xD9"].concat()),
        ("stray bytes", [&plain[..plain.len() - 2], b"\0\0\xFF\xD9"].concat()),
        ("a wrong restart", [&restarts[..third], b"\xFF\xD3", &restarts[third + 2..]].concat()),
        ("a missing restart", [&restarts[..third], &restarts[third + 2..]].concat()),
        (
            "no tables",
            changed(|jpeg| {
                let table = jpeg.windows(2).position(|bytes| bytes == b"\xFF\xC4").unwrap();
                jpeg[table + 1] = 0xFE;
            }),
        ),
    ] {
        assert!(
            placed(&jpeg, Placement::from(Orientation { flip_h: true, ..Orientation::default() })).is_none(),
            "{reason}"
        );
    }
    let behind = changed(|jpeg| jpeg.extend_from_slice(b"and more"));
    assert_eq!(placed(&behind, Placement::default()), placed(&plain, Placement::default()));
}

#[test]
fn tables_that_lack_a_code_give_way_to_those_of_the_standard() {
    let jpeg = grey((128, 64), |encoder| encoder.set_optimized_huffman_tables(true));
    let own = Picture::read(&jpeg).unwrap().ac_tables;
    let turned = placed(&jpeg, Placement { transpose: true, ..Placement::default() }).unwrap();
    let standard = super::huffman::standard_ac();
    assert_eq!(Picture::read(&turned).unwrap().ac_tables[0].as_ref(), Some(&standard[0]));
    let flipped = placed(&jpeg, Placement { mirror_y: true, ..Placement::default() }).unwrap();
    assert!(Picture::read(&flipped).unwrap().ac_tables[0] == own[0] || own[0].as_ref() == Some(&standard[0]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn whatever_comes_out_of_a_damaged_picture_can_be_decoded(
        kind in 0usize..9,
        damages in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        which in 0usize..8,
    ) {
        thread_local!(static PICTURES: Vec<Vec<u8>> = pictures());
        let mut jpeg = PICTURES.with(|pictures| pictures[kind].clone());
        for (place, byte) in damages {
            let place = place.index(jpeg.len());
            jpeg[place] = byte;
        }
        if let Some(placed) = placed(&jpeg, placements().nth(which).unwrap()) {
            let decoded = jpeg_decoder::Decoder::new(placed.as_slice()).decode();
            prop_assert!(decoded.is_ok(), "{:?}", decoded.err());
        }
    }
}
