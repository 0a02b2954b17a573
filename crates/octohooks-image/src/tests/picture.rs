//! Pictures to test with: four quadrants of different colours, drawn and encoded here, and a way to read them again.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// The colours of the quadrants: left top, right top, left bottom, right bottom.
pub(super) type Quadrants = [char; 4];

/// Red, green / blue, white.
pub(super) const UPRIGHT: Quadrants = ['R', 'G', 'B', 'W'];

const NAMED: [(char, [u8; 3]); 5] =
    [('R', [255, 0, 0]), ('G', [0, 255, 0]), ('B', [0, 0, 255]), ('W', [255; 3]), ('K', [0; 3])];

/// A JPEG of the four quadrants.
pub(super) fn quadrants(width: u16, height: u16) -> Vec<u8> {
    encoded(width, height, |_| {})
}

/// The same, with something of the encoder set differently.
pub(super) fn encoded(width: u16, height: u16, set: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let samples = samples(width, height, |name| colour(name).to_vec());
    encoded_as(&samples, (width, height), ColorType::Rgb, set)
}

/// Any samples as a JPEG.
pub(crate) fn encoded_as(
    samples: &[u8],
    (width, height): (u16, u16),
    color_type: ColorType,
    set: impl FnOnce(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, 90);
    encoder.set_sampling_factor(SamplingFactor::F_1_1);
    set(&mut encoder);
    encoder.encode(samples, width, height, color_type).unwrap();
    jpeg
}

/// The samples of the four quadrants, in any kind of colour.
pub(super) fn samples(width: u16, height: u16, of: impl Fn(char) -> Vec<u8>) -> Vec<u8> {
    let (left, upper) = (usize::from(width / 2), usize::from(height / 2));
    let (right, lower) = (usize::from(width) - left, usize::from(height) - upper);
    let [left_top, right_top, left_bottom, right_bottom] = UPRIGHT.map(of);
    let row = |left_colour: &[u8], right_colour: &[u8]| [left_colour.repeat(left), right_colour.repeat(right)].concat();
    [row(&left_top, &right_top).repeat(upper), row(&left_bottom, &right_bottom).repeat(lower)].concat()
}

pub(super) fn colour(name: char) -> [u8; 3] {
    NAMED.iter().find(|(known, _)| *known == name).unwrap().1
}

/// A decoded picture.
pub(super) struct Seen {
    pub(super) width: u16,
    pub(super) height: u16,
    channels: usize,
    samples: Vec<u8>,
}

impl Seen {
    pub(super) fn new(jpeg: &[u8]) -> Self {
        let mut decoder = jpeg_decoder::Decoder::new(jpeg);
        let samples = decoder.decode().unwrap();
        let info = decoder.info().unwrap();
        Self { width: info.width, height: info.height, channels: info.pixel_format.pixel_bytes(), samples }
    }

    pub(super) fn size(&self) -> (u16, u16) {
        (self.width, self.height)
    }

    pub(super) fn is_grey(&self) -> bool {
        self.channels == 1
    }

    /// The samples of one pixel.
    pub(super) fn at(&self, x: u16, y: u16) -> &[u8] {
        let start = (usize::from(y) * usize::from(self.width) + usize::from(x)) * self.channels;
        &self.samples[start..start + self.channels]
    }

    /// The mean of all samples.
    pub(super) fn mean(&self) -> u64 {
        self.samples.iter().map(|&sample| u64::from(sample)).sum::<u64>() / self.samples.len() as u64
    }

    /// Which colour is in the middle of each quadrant.
    pub(super) fn quadrants(&self) -> Quadrants {
        let (left, right) = (self.width / 4, self.width - 1 - self.width / 4);
        let (top, bottom) = (self.height / 4, self.height - 1 - self.height / 4);
        [(left, top), (right, top), (left, bottom), (right, bottom)].map(|(x, y)| nearest(self.at(x, y)))
    }
}

fn nearest(pixel: &[u8]) -> char {
    let distance = |colour: [u8; 3]| (0..3).map(|index| pixel[index].abs_diff(colour[index])).max().unwrap();
    let (name, colour) = NAMED.into_iter().min_by_key(|(_, colour)| distance(*colour)).unwrap();
    assert!(distance(colour) < 60, "{pixel:?} is none of the colours that were drawn");
    name
}
