//! Flips and turns of a picture as it is stored, without its pixels: nothing is encoded anew, and so nothing is lost.
//!
//! Comes in: a baseline JPEG and how it is to be placed. Goes out: the same picture, placed so, or nothing if the file is in
//! any way unusual; then the decoder has its say, and its verdict stands. A JPEG is made of blocks of 8×8 samples, each
//! stored as the amplitudes of 64 waves (ITU T.81, A.3.3). To mirror a picture is to change the order of its blocks and the
//! sign of the waves that are odd; to swap its sides is to swap those of its blocks and waves.
//!
//! A side that is mirrored and does not end with a block is the exception: its blocks would begin in the middle of others.
//! The planes that this is true of (of a picture of 1920×1080 that is flipped upside down, the two of its colours) are
//! computed anew from the blocks beneath, still without pixels, and rounded once as any encoder does.
//!
//! Memory: eight bytes for each block, four for each amplitude that is not zero, which is less than a byte per pixel of a
//! camera's picture. One that would take more than decoding does is unusual, see [`reading`].

mod huffman;
mod placement;
mod reading;
mod segments;
mod shift;
#[cfg(test)]
mod tests;
mod writing;
mod zigzag;

pub(crate) use placement::Placement;
use segments::Picture;

/// There is something about the file that only the decoder can judge.
#[derive(Debug)]
struct Unusual;

/// The same picture, placed as its EXIF tag says and then as is asked for; nothing if only the decoder can do that.
pub(crate) fn placed(jpeg: &[u8], asked: Placement) -> Option<Vec<u8>> {
    let picture = Picture::read(jpeg).ok()?;
    let placement = picture.tagged.then(asked);
    if !picture.can_be(placement) {
        return None;
    }
    let coefficients = reading::read(&picture).ok()?;
    writing::write(&picture, &coefficients, placement).ok()
}
