//! Text with PEM in it, block by block: comes in a text, go out labels and bytes. What stands between blocks is left
//! alone, because tools write explanations there. A block is never repeated in a problem.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::problem::Problem;

pub(super) const HAS_A_PASSWORD: &str =
    "This private key has a password, which nobody could enter here. `openssl pkey` writes one without.";

/// What stands between BEGIN and END.
pub(super) struct Block {
    /// What it says it is.
    pub(super) label: String,
    /// Where it begins, from 1.
    pub(super) line: usize,
    /// Its bytes.
    pub(super) der: Zeroizing<Vec<u8>>,
}

/// All blocks of a text.
pub(super) fn blocks(field: &str, text: &str) -> Result<Vec<Block>, Problem> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    while let Some((begin, line)) = lines.next() {
        let Some(label) = label_of(line, "-----BEGIN ") else { continue };
        let problem = |message: &str, line| Problem::error(field, message).at(line, 1);
        let mut encoded = Zeroizing::new(String::new());
        loop {
            let Some((number, line)) = lines.next() else {
                return Err(problem(&format!("The block that begins here has no line -----END {label}-----."), begin));
            };
            if let Some(end) = label_of(line, "-----END ") {
                if end == label {
                    break;
                }
                return Err(problem(&format!("Expected here is -----END {label}-----."), number));
            }
            if line.starts_with("Proc-Type:") && line.contains("ENCRYPTED") {
                return Err(problem(HAS_A_PASSWORD, begin));
            }
            let is_base64 = |letter: u8| letter.is_ascii_alphanumeric() || b"+/=".contains(&letter);
            if !line.bytes().all(is_base64) {
                return Err(problem("This line is not base64, as all lines between BEGIN and END are.", number));
            }
            encoded.push_str(line);
        }
        let der = STANDARD.decode(encoded.as_bytes()).map_err(|_| {
            problem("What the block that begins here holds is not base64. Was all of it copied?", begin)
        })?;
        found.push(Block { label: label.to_owned(), line: begin, der: Zeroizing::new(der) });
    }
    Ok(found)
}

fn label_of<'line>(line: &'line str, start: &str) -> Option<&'line str> {
    line.strip_prefix(start)?.strip_suffix("-----")
}
