//! What the files of a message's pictures are called.
//!
//! Comes in: what a person wrote, a text with variables, and what it became for each picture. Goes out: names that any file
//! system takes, none of them twice in a message. What a variable brings never leads out of a folder.

use super::{Format, Picture};
use crate::hook::HookConfig;
use crate::problem::Problem;
use crate::template::Template;

const FIELD: &str = "picture.file_name";

/// A longer name is cut to so many characters, its ending not counted.
const LONGEST: usize = 100;

/// Endings that say what a file is, and what they say.
const ENDINGS: [(&str, Format); 8] = [
    ("jpg", Format::Jpeg),
    ("jpeg", Format::Jpeg),
    ("png", Format::Png),
    ("mp4", Format::Mp4),
    ("m4v", Format::Mp4),
    ("mpg", Format::Mpeg),
    ("mpeg", Format::Mpeg),
    ("webm", Format::Webm),
];

/// The template of a hook for the names of its files; `None` where they are called as they always were.
///
/// # Errors
/// A tag of Jinja that is wrong, with its place; or a picture in the name of its file.
pub fn template_of(hook: &HookConfig) -> Result<Option<Template>, Problem> {
    let text = hook.picture.file_name.trim_end();
    if text.trim().is_empty() {
        return Ok(None);
    }
    // An ending comes by itself, and after a variable it would be taken for a part of its path.
    let text = text.rsplit_once('.').filter(|(stem, own)| !stem.is_empty() && kind_of(own).is_some());
    let text = text.map_or(hook.picture.file_name.as_str(), |(stem, _)| stem);
    let template = Template::of_field(FIELD, text, hook.grammar())?;
    if let Some(name) = template.names().find(|name| matches!(*name, "snapshot" | "snapshotBase64")) {
        let message =
            format!("A picture cannot be the name of its file: write @file.base or @topic in place of @{name}.");
        return Err(Problem::error(FIELD, message));
    }
    Ok(Some(template))
}

/// What can be seen in a template and cannot stand in a name, if anything.
pub fn check(template: &Template) -> Option<Problem> {
    let literals = template.literals();
    let wrong = literals.iter().flat_map(|text| text.chars()).find(|char| !may_stand(*char) && !char.is_control())?;
    let message = format!("{wrong} cannot stand in the name of a file: _ goes in its place.");
    Some(Problem::note(FIELD, message))
}

/// The name of a picture, made of what its template became: with the ending that its kind has, and unlike `others`.
pub fn name_of(text: &str, picture: &Picture, number: usize, others: &[String]) -> String {
    let text: String = text.chars().map(|char| if may_stand(char) { char } else { '_' }).collect();
    let (stem, ending) = split(tidy(&text), picture.format);
    let stem: String = stem.chars().take(LONGEST).collect();
    let stem = tidy(&stem);
    if stem.is_empty() {
        return picture.file_name_of(number);
    }
    let is_taken = |name: &String| others.iter().any(|other| other.to_lowercase() == name.to_lowercase());
    let numbered = (number + 1..).map(|number| format!("{stem}{number}.{ending}"));
    let mut names = std::iter::once(format!("{stem}.{ending}")).chain(numbered);
    names.find(|name| !is_taken(name)).unwrap_or_default()
}

/// No file system, and no header, has trouble with it.
fn may_stand(char: char) -> bool {
    !char.is_control() && !matches!(char, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
}

/// Neither hidden nor the way to the folder above.
fn tidy(text: &str) -> &str {
    text.trim_matches(|char: char| char == '.' || char.is_whitespace())
}

/// The name without its ending, and the ending: its own where it is right for the file.
fn split(text: &str, format: Format) -> (&str, String) {
    let known = text.rsplit_once('.').and_then(|(stem, own)| {
        let kind = kind_of(own)?;
        Some((stem, if kind == format { own } else { format.extension() }))
    });
    let (stem, ending) = known.unwrap_or((text, format.extension()));
    (stem, ending.to_owned())
}

fn kind_of(ending: &str) -> Option<Format> {
    ENDINGS.into_iter().find(|(known, _)| ending.eq_ignore_ascii_case(known)).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{LONGEST, name_of};
    use crate::picture::{Format, Picture, Shows};

    #[track_caller]
    fn check(text: &str, format: Format, expected: &str) {
        let picture = Picture { bytes: Bytes::new(), format, shows: Shows::Camera };
        assert_eq!(name_of(text, &picture, 0, &[]), expected, "{text:?}");
    }

    #[test]
    fn a_name_has_the_ending_that_its_file_is() {
        check("benchy", Format::Jpeg, "benchy.jpg");
        check("benchy.JPEG", Format::Jpeg, "benchy.JPEG");
        check("benchy.jpg", Format::Png, "benchy.png");
        check("benchy.gcode", Format::Jpeg, "benchy.gcode.jpg");
        check("Würfel 2", Format::Webm, "Würfel 2.webm");
    }

    #[test]
    fn a_name_leads_nowhere_and_breaks_nothing() {
        check("../../etc/passwd", Format::Jpeg, "_.._etc_passwd.jpg");
        check("a\"\r\nb: c\\d", Format::Jpeg, "a___b_ c_d.jpg");
        check(" .hidden. ", Format::Jpeg, "hidden.jpg");
        for nothing in ["", " ", "..", ".jpg"] {
            check(nothing, Format::Jpeg, if nothing == ".jpg" { "jpg.jpg" } else { "snapshot.jpg" });
        }
        check(&"ä".repeat(LONGEST + 1), Format::Jpeg, &format!("{}.jpg", "ä".repeat(LONGEST)));
    }

    #[test]
    fn no_name_is_given_twice() {
        let picture = Picture::of_camera(Bytes::new());
        let mut names: Vec<String> = Vec::new();
        for (number, text) in ["a3", "a", "A"].into_iter().enumerate() {
            names.push(name_of(text, &picture, number, &names));
        }
        assert_eq!(names, ["a3.jpg", "a.jpg", "A4.jpg"]);
    }
}
