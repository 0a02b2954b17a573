//! Flips and turns: OctoPrint's, in OctoPrint's order, and those that a camera notes instead of making them.

use super::picture::{Quadrants, Seen, UPRIGHT, encoded, quadrants};
use crate::{Bounds, Limits, Orientation, fit};

#[track_caller]
fn check(flip_h: bool, flip_v: bool, rotate_90: bool, expected: Quadrants) {
    let orientation = Orientation { flip_h, flip_v, rotate_90 };
    for (bounds, size) in [(Bounds::default(), (48, 32)), (Bounds { width: 24, height: 24 }, (24, 16))] {
        let seen = Seen::new(&fit(&quadrants(48, 32), bounds, orientation, Limits::default()).unwrap());
        assert_eq!(seen.quadrants(), expected, "{orientation:?} at {size:?}");
        assert_eq!(seen.size(), if rotate_90 { (size.1, size.0) } else { size });
    }
}

#[test]
fn nothing_asked_nothing_done() {
    check(false, false, false, UPRIGHT);
}

#[test]
fn a_horizontal_flip_swaps_left_and_right() {
    check(true, false, false, ['G', 'R', 'W', 'B']);
}

#[test]
fn a_vertical_flip_swaps_top_and_bottom() {
    check(false, true, false, ['B', 'W', 'R', 'G']);
}

#[test]
fn both_flips_are_half_a_turn() {
    check(true, true, false, ['W', 'B', 'G', 'R']);
}

#[test]
fn a_quarter_turn_goes_counter_clockwise_and_swaps_the_sides() {
    check(false, false, true, ['G', 'W', 'R', 'B']);
}

#[test]
fn the_horizontal_flip_comes_before_the_turn() {
    check(true, false, true, ['R', 'B', 'G', 'W']);
}

#[test]
fn the_vertical_flip_comes_before_the_turn() {
    check(false, true, true, ['W', 'G', 'B', 'R']);
}

#[test]
fn both_flips_and_the_turn_are_a_quarter_turn_clockwise() {
    check(true, true, true, ['B', 'R', 'W', 'G']);
}

#[test]
fn odd_sides_lose_no_row_and_no_column() {
    let orientation = Orientation { flip_h: true, flip_v: true, rotate_90: true };
    for (width, height) in [(1, 1), (1, 7), (7, 1), (33, 17), (17, 33)] {
        let jpeg = quadrants(width, height);
        let turned = fit(&jpeg, Bounds::default(), orientation, Limits::default()).unwrap();
        assert_eq!(Seen::new(&turned).size(), (height, width));
    }
}

#[test]
fn bounds_hold_for_the_camera_and_not_for_the_turned_picture() {
    let orientation = Orientation { rotate_90: true, ..Orientation::default() };
    let jpeg = quadrants(3280, 2464);
    let turned = fit(&jpeg, Bounds::default(), orientation, Limits::default()).unwrap();
    assert_eq!(Seen::new(&turned).size(), (1232, 1640));
}

/// What a viewer shows of the quadrants, for each value of the tag.
const TAGGED: [(u8, bool, Quadrants); 10] = [
    (0, false, UPRIGHT),
    (1, false, UPRIGHT),
    (2, false, ['G', 'R', 'W', 'B']),
    (3, false, ['W', 'B', 'G', 'R']),
    (4, false, ['B', 'W', 'R', 'G']),
    (5, true, ['R', 'B', 'G', 'W']),
    (6, true, ['B', 'R', 'W', 'G']),
    (7, true, ['W', 'G', 'B', 'R']),
    (8, true, ['G', 'W', 'R', 'B']),
    (9, false, UPRIGHT),
];

fn little_endian(tag: u8) -> Vec<u8> {
    let other_entry = b"\x0F\x01\x02\0\x01\0\0\0x\0\0\0";
    [b"II\x2A\0\x08\0\0\0\x02\0".as_slice(), other_entry, b"\x12\x01\x03\0\x01\0\0\0", &[tag, 0, 0, 0]].concat()
}

fn big_endian(tag: u8) -> Vec<u8> {
    [b"MM\0\x2A\0\0\0\x08\0\x01".as_slice(), b"\x01\x12\0\x03\0\0\0\x01", &[0, tag, 0, 0]].concat()
}

#[test]
fn a_picture_that_changes_is_turned_as_its_tag_says() {
    for (tag, is_turned, expected) in TAGGED {
        for exif in [little_endian(tag), big_endian(tag)] {
            let jpeg = encoded(48, 32, |encoder| encoder.add_exif_metadata(&exif).unwrap());
            let bounds = Bounds { width: 24, height: 24 };
            let seen = Seen::new(&fit(&jpeg, bounds, Orientation::default(), Limits::default()).unwrap());
            assert_eq!(seen.quadrants(), expected, "tag {tag}");
            assert_eq!(seen.size(), if is_turned { (16, 24) } else { (24, 16) }, "tag {tag}");
        }
    }
}

#[test]
fn the_tag_comes_before_what_octoprint_asks_for() {
    // The tag turns clockwise, OctoPrint counter-clockwise: as it was.
    let jpeg = encoded(48, 32, |encoder| encoder.add_exif_metadata(&little_endian(6)).unwrap());
    let orientation = Orientation { rotate_90: true, ..Orientation::default() };
    let seen = Seen::new(&fit(&jpeg, Bounds::default(), orientation, Limits::default()).unwrap());
    assert_eq!((seen.quadrants(), seen.size()), (UPRIGHT, (48, 32)));
}

#[test]
fn metadata_does_not_survive_a_change() {
    let exif = [little_endian(1), b"the place where I live".to_vec()].concat();
    let jpeg = encoded(48, 32, |encoder| encoder.add_exif_metadata(&exif).unwrap());
    let orientation = Orientation { flip_h: true, ..Orientation::default() };
    let turned = fit(&jpeg, Bounds::default(), orientation, Limits::default()).unwrap();
    assert!(!turned.windows(5).any(|bytes| bytes == b"place"));
}

#[test]
fn a_damaged_tag_is_no_tag() {
    for exif in
        [b"".as_slice(), b"I", b"II*\0", b"II*\0\xFF\xFF\xFF\xFF", b"MM\0*\0\0\0\x08\xFF", b"MM\0*\0\0\0\x08\xFF\xFF"]
    {
        let jpeg = encoded(48, 32, |encoder| encoder.add_exif_metadata(exif).unwrap());
        let bounds = Bounds { width: 24, height: 24 };
        let seen = Seen::new(&fit(&jpeg, bounds, Orientation::default(), Limits::default()).unwrap());
        assert_eq!((seen.quadrants(), seen.size()), (UPRIGHT, (24, 16)));
    }
}
