//! That two halves make the picture that is encoded whole.

use super::{MCU, Part, joined};
use crate::orientation::Colors;

fn decoded(jpeg: &[u8]) -> Vec<u8> {
    jpeg_decoder::Decoder::new(jpeg).decode().unwrap()
}

#[test]
fn halves_show_what_the_whole_shows() {
    for (width, height) in [(33, 17), (16, 32), (40, 33), (100, 47), (100, 48), (100, 49), (640, 480)] {
        let samples: Vec<u8> = (0..u32::from(width) * u32::from(height) * 3)
            .map(|index| u8::try_from(index.wrapping_mul(2_654_435_761) >> 25).unwrap())
            .collect();
        let whole = Part {
            samples: &samples,
            width,
            height,
            colors: Colors::Rgb,
            profile: None,
            restart_interval: 0,
            quality: super::QUALITY,
        };
        let (upper, lower) = whole.halves().unwrap();
        assert_eq!((upper.height + lower.height, usize::from(upper.height) % MCU), (height, 0));
        let both = joined(upper.encode().unwrap(), &lower.encode().unwrap(), height).unwrap();
        assert!(decoded(&both) == decoded(&whole.encode().unwrap()), "{width}×{height}");
    }
}

#[test]
fn what_has_no_halves_is_encoded_whole() {
    let samples = vec![0; 640 * 16 * 3];
    let line = Part {
        samples: &samples,
        width: 640,
        height: 16,
        colors: Colors::Rgb,
        profile: None,
        restart_interval: 0,
        quality: super::QUALITY,
    };
    assert!(line.halves().is_none());
    let grey = Part {
        samples: &samples,
        width: 640,
        height: 48,
        colors: Colors::Grey,
        profile: None,
        restart_interval: 0,
        quality: super::QUALITY,
    };
    assert!(grey.halves().is_none());
}
