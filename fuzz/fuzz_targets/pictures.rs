//! Any bytes as a picture: no panic, and what comes out is a JPEG within the bounds.
//!
//! Comes in: one byte that says how the camera is mounted, two for the bounds, then the picture itself, so that a file
//! of the seeds is a JPEG with three bytes before it. The limits are small: a run is to try many pictures, not large
//! ones.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use octohooks_image::{Bounds, Limits, Orientation, fit, fit_below};

const LIMITS: Limits = Limits { max_bytes: 64 * 1024, max_pixels: 256 * 1024 };

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some((&[mounting, width, height], picture)) = input.split_first_chunk() else { return Corpus::Reject };
    let orientation =
        Orientation { flip_h: mounting & 1 != 0, flip_v: mounting & 2 != 0, rotate_90: mounting & 4 != 0 };
    let bounds = Bounds { width: u32::from(width), height: u32::from(height) };
    let most = usize::from(width) * usize::from(height);
    if let Ok(smaller) = fit_below(picture, most, LIMITS) {
        assert!(smaller.len() <= most, "what is made smaller is small enough");
    }
    let Ok(fitted) = fit(picture, bounds, orientation, LIMITS) else { return Corpus::Keep };
    if fitted.as_ref() == picture {
        return Corpus::Keep;
    }
    // What was made here fits, and can be read again. A camera may have noted a turn of its own.
    let longest = bounds.width.max(bounds.height).max(1);
    let square = Bounds { width: longest, height: longest };
    let again = fit(&fitted, square, Orientation::default(), Limits::default());
    assert_eq!(again.as_deref(), Ok(fitted.as_ref()), "a picture that was made here fits");
    let flipped = Orientation { flip_v: true, ..Orientation::default() };
    assert!(fit(&fitted, square, flipped, Limits::default()).is_ok(), "a picture that was made here is read again");
    Corpus::Keep
});
