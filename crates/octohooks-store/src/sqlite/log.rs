//! Whether a write-ahead log is damaged where it must not be.
//!
//! `SQLite` takes the first frame that does not check out for the end of the log, as it has to after a power cut, and so
//! drops without a word whatever was committed behind it. But a power cut spoils only what was not flushed yet, and of two
//! commits one at least is flushed before the next begins: where three lie at or behind the first bad frame, it was something
//! else.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The one that is being flushed when the power goes, and one before it that was left to that flush.
const MOST_SPOILT: u32 = 2;
/// No page is larger, and none is smaller.
const PAGES: std::ops::RangeInclusive<u32> = 512..=65_536;

/// Reads the whole log, which is a few megabytes at most. One that is not there, or cannot be read, is left to `SQLite`.
pub(super) fn is_damaged(log: &Path) -> bool {
    File::open(log).and_then(|file| look(BufReader::new(file))).unwrap_or(false)
}

fn look(mut log: impl Read) -> io::Result<bool> {
    let mut header = [0; HEADER];
    log.read_exact(&mut header)?;
    let little = match word(&header, 0) {
        0x377f_0682 => true,
        0x377f_0683 => false,
        // Space that was given out and never written.
        0 if header == [0; HEADER] => return Ok(false),
        _ => return Ok(true),
    };
    let mut sum = add((0, 0), &header[..24], little);
    if sum != (word(&header, 24), word(&header, 28)) {
        return Ok(true);
    }
    let mut good = true;
    let mut commits_behind = 0;
    let page = word(&header, 8);
    if !PAGES.contains(&page) {
        return Ok(true);
    }
    let mut frame = vec![0; FRAME_HEADER + page as usize];
    while log.read_exact(&mut frame).is_ok() {
        let is_of_this_run = frame[8..16] == header[16..24];
        sum = add(add(sum, &frame[..8], little), &frame[FRAME_HEADER..], little);
        good &= is_of_this_run && sum == (word(&frame, 16), word(&frame, 20));
        let is_commit = word(&frame, 4) != 0;
        commits_behind += u32::from(!good && is_of_this_run && is_commit);
    }
    Ok(commits_behind > MOST_SPOILT)
}

fn add(sum: (u32, u32), bytes: &[u8], little: bool) -> (u32, u32) {
    let read = |bytes: &[u8]| {
        let four = bytes.try_into().unwrap_or_default();
        if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) }
    };
    bytes.chunks_exact(8).fold(sum, |(first, second), chunk| {
        let first = first.wrapping_add(read(&chunk[..4])).wrapping_add(second);
        (first, second.wrapping_add(read(&chunk[4..])).wrapping_add(first))
    })
}

/// How long a log of so many pages is at least.
pub(super) fn length(pages: u32) -> u64 {
    HEADER as u64 + u64::from(pages) * (FRAME_HEADER as u64 + u64::from(*PAGES.start()))
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::{FRAME_HEADER, HEADER, is_damaged};

    const FRAME: usize = FRAME_HEADER + 4096;

    /// A log of five commits of one page each, changed, and what is thought of it.
    fn judged(change: impl FnOnce(&mut Vec<u8>)) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.db");
        let connection = Connection::open(&database).unwrap();
        connection.query_row("pragma journal_mode = wal", [], |_| Ok(())).unwrap();
        connection.execute_batch("pragma page_size = 4096; create table t (a)").unwrap();
        connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())).unwrap();
        for number in 0..5 {
            connection.execute("insert into t values (?1)", [number]).unwrap();
        }
        let mut log = std::fs::read(folder.path().join("a.db-wal")).unwrap();
        assert_eq!(log.len(), HEADER + 5 * FRAME);
        change(&mut log);
        let changed = folder.path().join("changed");
        std::fs::write(&changed, log).unwrap();
        is_damaged(&changed)
    }

    #[test]
    fn one_that_is_whole_empty_or_missing_is_fine() {
        assert!(!judged(|_| {}));
        assert!(!judged(Vec::clear));
        assert!(!judged(|log| log.fill(0)));
        assert!(!is_damaged(std::path::Path::new("/nowhere/at/all")));
    }

    #[test]
    fn a_power_cut_spoils_the_latest_two_commits_only() {
        for frame in [3, 4] {
            assert!(!judged(|log| log.truncate(HEADER + frame * FRAME + 100)));
            assert!(!judged(|log| log[HEADER + frame * FRAME + 1000] ^= 1));
        }
    }

    #[test]
    fn what_is_bad_before_good_commits_is_damage() {
        assert!(judged(|log| log[HEADER + 2 * FRAME + 1000] ^= 1));
        assert!(judged(|log| log[HEADER + 1000] ^= 1));
        assert!(judged(|log| log[5] ^= 1), "the header");
    }

    #[test]
    fn frames_of_an_earlier_run_are_nobodys_loss() {
        assert!(!judged(|log| {
            for frame in 2..5 {
                log[HEADER + frame * FRAME + 8] ^= 1;
            }
        }));
    }
}
