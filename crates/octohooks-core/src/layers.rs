//! Where the layers of a G-code file begin: bytes of the file in, a table of offsets and heights out, in one pass.
//!
//! Slicers mark layers with comments, which OctoPrint takes out before it sends a line: only the file has them. A file
//! without such marks is read by its moves: a layer begins where something is extruded higher than before. The place in the
//! file, which OctoPrint knows while it prints, then tells the layer.

use serde_json::{Value, json};

/// Heights closer than this are the same, in mm.
const SAME_HEIGHT: f32 = 0.005;

/// More layers than this no print has.
const MOST_LAYERS: usize = 200_000;

/// Longer lines hold nothing of interest.
const LONGEST_LINE: usize = 512;

/// The layers of one file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layers(Vec<Layer>);

/// Where a layer begins.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Layer {
    offset: u64,
    height: f32,
}

/// A place in a print.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Which layer, counted from 1; 0 before the first.
    pub number: u32,
    /// How many there are.
    pub total: u32,
    /// The height of this one, in mm.
    pub height: f32,
}

impl Layers {
    /// Which layer is printed at a place of the file; `None` where no layers are known.
    pub fn at(&self, offset: u64) -> Option<Place> {
        if self.0.is_empty() {
            return None;
        }
        let number = self.0.partition_point(|layer| layer.offset <= offset);
        let height = number.checked_sub(1).map_or(0.0, |index| self.0[index].height);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Some(Place { number: count(number), total: count(self.0.len()), height })
    }
}

impl Place {
    /// The value of `@layer`.
    pub fn as_json(self) -> Value {
        // Through its text, so that 0.2 stays 0.2.
        let height: f64 = self.height.to_string().parse().unwrap_or_default();
        json!({"number": self.number, "total": self.total, "height": height})
    }
}

/// A layer as a printer says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// Which, as it counts them: some begin with 0.
    pub number: u32,
    /// Of how many.
    pub total: Option<u32>,
}

/// The layer that a line of the printer's names: `echo:Layer 3 of 120`, `//action:notification Layer 3/120`, `LAYER:3`.
pub fn said(line: &str) -> Option<Said> {
    let lower = line.to_ascii_lowercase();
    let mut rest = lower.as_str();
    while let Some((before, after)) = rest.split_once("layer") {
        rest = after;
        let is_word = !before.ends_with(|letter: char| letter.is_alphanumeric());
        if is_word && let Some((number, behind)) = number(after.trim_start_matches([' ', ':', '=', '#'])) {
            let behind = behind.trim_start();
            let of = behind.strip_prefix("of ").or_else(|| behind.strip_prefix('/'));
            let total = of.and_then(|of| number_of(of.trim_start()));
            return Some(Said { number, total: total.filter(|total| *total > 0) });
        }
    }
    None
}

/// A whole number that a text begins with, and what follows; not the beginning of `0.2` or `3d`.
fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (digits, behind) = text.split_at(end);
    let mut next = behind.chars();
    let goes_on = match next.next() {
        Some('.' | ',') => next.next().is_some_and(|digit| digit.is_ascii_digit()),
        Some(letter) => letter.is_alphanumeric(),
        None => false,
    };
    let number = digits.parse::<u32>().ok().filter(|number| *number < MOST_SAID)?;
    (!goes_on).then_some((number, behind))
}

fn number_of(text: &str) -> Option<u32> {
    number(text).map(|(number, _)| number)
}

/// Larger numbers are no layers.
const MOST_SAID: u32 = 200_000;

/// Reads a file piece by piece.
#[derive(Debug, Default)]
pub struct Scanner {
    offset: u64,
    rest: Vec<u8>,
    is_long: bool,
    z: f32,
    is_relative: bool,
    marked: Vec<Layer>,
    moved: Vec<Layer>,
}

impl Scanner {
    /// The next bytes.
    pub fn feed(&mut self, mut bytes: &[u8]) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = bytes.split_at(end + 1);
            self.keep(line);
            self.end_line();
            bytes = rest;
        }
        self.keep(bytes);
    }

    /// No more bytes come.
    pub fn finish(mut self) -> Layers {
        self.end_line();
        // One mark alone is a comment that looks like one.
        Layers(if self.marked.len() > 1 { self.marked } else { self.moved })
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = LONGEST_LINE.saturating_sub(self.rest.len());
        self.rest.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.is_long |= bytes.len() > room;
        self.offset += bytes.len() as u64;
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.rest);
        let start = self.offset;
        if !std::mem::take(&mut self.is_long) {
            self.line(start.saturating_sub(line.len() as u64), line.trim_ascii());
        }
        self.rest = line;
        self.rest.clear();
    }

    fn line(&mut self, start: u64, line: &[u8]) {
        match line.first() {
            Some(b';') => self.comment(start, line[1..].trim_ascii_start()),
            Some(b'G' | b'g') => self.instruction(start, line),
            _ => {}
        }
    }

    fn comment(&mut self, start: u64, text: &[u8]) {
        let Ok(text) = std::str::from_utf8(text) else { return };
        let number_behind = |name: &str| text.strip_prefix(name).and_then(|rest| rest.trim().parse::<f32>().ok());
        // PrusaSlicer, OrcaSlicer; Cura, ideaMaker; Bambu Studio.
        let begins = text == "LAYER_CHANGE" || text == "CHANGE_LAYER" || number_behind("LAYER:").is_some();
        if begins && self.marked.len() < MOST_LAYERS {
            self.marked.push(Layer { offset: start, height: f32::NAN });
        } else if let Some(height) = number_behind("Z:").or_else(|| number_behind("Z_HEIGHT:"))
            && let Some(layer) = self.marked.last_mut()
        {
            layer.height = height;
        }
    }

    fn instruction(&mut self, start: u64, line: &[u8]) {
        let code = line.split(|byte| *byte == b';').next().unwrap_or_default();
        let mut words = code.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        match words.next() {
            Some(b"G90" | b"g90") => self.is_relative = false,
            Some(b"G91" | b"g91") => self.is_relative = true,
            Some(b"G0" | b"G1" | b"G2" | b"G3" | b"G00" | b"G01" | b"g0" | b"g1") => {
                let (mut moves, mut extrudes) = (false, false);
                for word in words {
                    let value = || std::str::from_utf8(&word[1..]).ok().and_then(|text| text.parse::<f32>().ok());
                    match word[0].to_ascii_uppercase() {
                        b'X' | b'Y' => moves = true,
                        b'E' => extrudes = value().is_some_and(|value| value > 0.0),
                        b'Z' => {
                            if let Some(value) = value() {
                                self.z = if self.is_relative { self.z + value } else { value };
                            }
                        }
                        _ => {}
                    }
                }
                if moves && extrudes {
                    self.extrude(start);
                }
            }
            _ => {}
        }
    }

    /// Something is put down at the height of now.
    fn extrude(&mut self, start: u64) {
        if let Some(layer) = self.marked.last_mut().filter(|layer| layer.height.is_nan()) {
            layer.height = self.z;
        }
        let is_higher = self.moved.last().is_none_or(|layer| self.z > layer.height + SAME_HEIGHT);
        if is_higher && self.moved.len() < MOST_LAYERS {
            self.moved.push(Layer { offset: start, height: self.z });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::{Layers, Scanner};

    fn scan(text: &str) -> Layers {
        let mut scanner = Scanner::default();
        scanner.feed(text.as_bytes());
        scanner.finish()
    }

    /// Number and height at the place of a text in the file.
    fn at(file: &str, text: &str) -> (u32, String) {
        let place = scan(file).at(file.find(text).unwrap() as u64).unwrap();
        (place.number, place.height.to_string())
    }

    #[test]
    fn what_a_printer_says() {
        for (line, number, total) in [
            ("echo:Layer 3 of 120", 3, Some(120)),
            ("//action:notification Layer 3/120", 3, Some(120)),
            ("LAYER:0", 0, None),
            ("echo:DASHBOARD_LAYER_INDICATOR layer 12", 12, None),
            ("Printing layer #7 / 9 now", 7, Some(9)),
            ("First layer, layer 1.", 1, None),
        ] {
            assert_eq!(super::said(line), Some(super::Said { number, total }), "{line}");
        }
        for line in
            ["layer height 0.2", "Layer 0.2 mm", "player 1", "layer 3d", "Layer", "", "layer 99999999999", "layers 3"]
        {
            assert_eq!(super::said(line), None, "{line}");
        }
    }

    #[test]
    fn marks_of_slicers() {
        let prusa = "G28\n;LAYER_CHANGE\n;Z:0.2\n;HEIGHT:0.2\nG1 Z.2\nG1 X1 E1\n;LAYER_CHANGE\n;Z:0.45\nG1 Z0.45\nG1 X2 E1 ;b\n";
        assert_eq!(at(prusa, "G28"), (0, "0".into()));
        assert_eq!(at(prusa, "G1 X1"), (1, "0.2".into()));
        assert_eq!(at(prusa, "G1 X2"), (2, "0.45".into()));
        let cura = ";LAYER_COUNT:2\n;LAYER:0\nG0 X1 Z0.3\nG1 X5 E2\n;LAYER:1\nG0 Z0.6\nG1 X6 E3\n";
        assert_eq!(at(cura, "G1 X5"), (1, "0.3".into()));
        assert_eq!(at(cura, "G1 X6"), (2, "0.6".into()));
        let bambu = "; CHANGE_LAYER\n; Z_HEIGHT: 0.2\nG1 X1 E1\n; CHANGE_LAYER\n; Z_HEIGHT: 0.4\nG1 X2 E1\n";
        assert_eq!(at(bambu, "G1 X2"), (2, "0.4".into()));
        let place = scan(bambu).at(u64::MAX).unwrap();
        assert_eq!(place.as_json(), json!({"number": 2, "total": 2, "height": 0.4}));
    }

    #[test]
    fn a_file_without_marks_is_read_by_its_moves() {
        let file = "G90\nG1 Z5\nG1 Z0.2\nG1 X1 Y1 E1\nG1 E-2\nG1 Z0.6 ; hop\nG0 X9\nG1 Z0.2\nG1 X2 E1\nG91\nG1 Z0.2\nG90\nG1 X3 E1\n";
        assert_eq!(at(file, "G1 X2"), (1, "0.2".into()));
        assert_eq!(at(file, "G1 X3"), (2, "0.4".into()));
        assert_eq!(scan("G28\nM117 hello\n").at(5), None);
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces_give_the_same(
            bytes in prop::collection::vec(prop::sample::select(b"G1 XYZE0.25;LAYER:\n\r\xff".to_vec()), 0..400),
            cut in 0_usize..400,
        ) {
            let mut whole = Scanner::default();
            whole.feed(&bytes);
            let mut pieces = Scanner::default();
            let (left, right) = bytes.split_at(cut.min(bytes.len()));
            pieces.feed(left);
            pieces.feed(right);
            let (whole, pieces) = (whole.finish(), pieces.finish());
            prop_assert_eq!(format!("{whole:?}"), format!("{pieces:?}"));
        }
    }
}
