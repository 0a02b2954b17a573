//! JSON, packed: events are a third as large then, and so is what the SD card has to take.

use std::cell::RefCell;
use std::io::Read;

use flate2::read::DeflateDecoder;
use flate2::{Compress, Compression, FlushCompress, Status};

/// Larger texts are not unpacked: nobody packs such.
const LARGEST: u64 = 8 << 20;

thread_local! {
    /// Its tables are larger than most of what is packed, so it is made once for each thread that packs.
    static COMPRESS: RefCell<Compress> = RefCell::new(Compress::new(Compression::fast(), false));
}

/// Packs bytes. Into memory that cannot fail; were it to, what comes out is empty, and not taken for anything.
pub(crate) fn pack(bytes: &[u8]) -> Vec<u8> {
    COMPRESS.with_borrow_mut(|compress| {
        compress.reset();
        // What cannot be packed grows by five bytes a block.
        let mut packed = Vec::with_capacity(bytes.len() + bytes.len() / 1000 + 64);
        match compress.compress_vec(bytes, &mut packed, FlushCompress::Finish) {
            Ok(Status::StreamEnd) => packed,
            _ => Vec::new(),
        }
    })
}

/// Unpacks them; `None` where they are damaged.
pub(crate) fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    DeflateDecoder::new(packed).take(LARGEST).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{pack, unpack};

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(bytes in proptest::collection::vec(any::<u8>(), 0..4000)) {
            assert_eq!(unpack(&pack(&bytes)), Some(bytes));
        }

        #[test]
        fn garbage_does_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            drop(unpack(&bytes));
        }
    }
}
