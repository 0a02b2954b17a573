//! Bytes that nobody meant well: any of them, and any damage to a real picture, end in a picture or in a reason.

use proptest::prelude::*;

use super::picture::{encoded, encoded_as, samples};
use crate::{Bounds, Limits, Orientation, fit};

const LIMITS: Limits = Limits { max_bytes: 1 << 20, max_pixels: 1 << 20 };

fn orientations() -> impl Strategy<Value = Orientation> {
    any::<[bool; 3]>().prop_map(|[flip_h, flip_v, rotate_90]| Orientation { flip_h, flip_v, rotate_90 })
}

/// Real pictures of each kind, some of them large enough for the decoder to work on several threads.
fn pictures() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(encoded(40, 30, |_| {})),
        Just(encoded(150, 33, |encoder| encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2))),
        Just(encoded(40, 30, |encoder| encoder.set_progressive(true))),
        Just(encoded(150, 33, |encoder| encoder.set_progressive_scans(12))),
        Just(encoded(33, 30, |encoder| encoder.set_optimized_huffman_tables(true))),
        Just(encoded(33, 30, |encoder| encoder.set_restart_interval(3))),
        Just(encoded_as(&samples(33, 30, |_| vec![7]), (33, 30), jpeg_encoder::ColorType::Luma, |_| {})),
        Just(encoded_as(&samples(33, 30, |_| vec![7; 4]), (33, 30), jpeg_encoder::ColorType::Cmyk, |_| {})),
    ]
}

fn survives(bytes: &[u8], bounds: Bounds, orientation: Orientation) {
    if let Ok(picture) = fit(bytes, bounds, orientation, LIMITS) {
        assert!(picture.starts_with(b"\xFF\xD8"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn any_bytes_end_in_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..300), orientation in orientations()) {
        survives(&bytes, Bounds { width: 9, height: 9 }, orientation);
        survives(&[b"\xFF\xD8\xFF".as_slice(), &bytes].concat(), Bounds { width: 9, height: 9 }, orientation);
    }

    #[test]
    fn any_damage_to_a_picture_ends_in_an_answer(
        mut jpeg in pictures(),
        damages in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        side in 1u32..200,
        orientation in orientations(),
    ) {
        for (place, byte) in damages {
            let place = place.index(jpeg.len());
            jpeg[place] = byte;
        }
        if let Some(cut) = cut {
            jpeg.truncate(cut.index(jpeg.len()));
        }
        survives(&jpeg, Bounds { width: side, height: side }, orientation);
    }

    #[test]
    fn any_bounds_are_kept(jpeg in pictures(), width in any::<u32>(), height in any::<u32>(), orientation in orientations()) {
        let bounds = Bounds { width, height };
        prop_assert!(fit(&jpeg, bounds, orientation, LIMITS).is_ok());
    }
}
