//! Pictures of a message: where a hook wants its own from, what they are, and how those of one event are packed to be kept.
//!
//! Comes in: what a person chose ([`PictureConfig`]), and what cameras and files gave. Goes out: [`Wishes`], of which each is
//! fulfilled once per event however many hooks have it, and one piece of bytes for all that was found.

pub mod file_name;
pub mod light;

use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::light::Light;
use crate::event::Event;
use crate::problem::Problem;

/// Where the picture of a hook comes from, and what it is like.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PictureConfig {
    /// What it shows.
    #[serde(default)]
    pub source: Source,
    /// Which webcams, by their names in OctoPrint, one per line. Empty is the one that OctoPrint takes snapshots with, `*` is all of
    /// them.
    #[serde(default)]
    pub camera: String,
    /// Lines of G-code for the printer before a camera's picture is taken: a light on.
    #[serde(default)]
    pub gcode_before: String,
    /// How long to wait before a camera's picture is taken, in seconds, at most [`LONGEST_WAIT`].
    #[serde(default)]
    pub wait_seconds: u32,
    /// Lines of G-code for the printer after a camera's picture was taken: the light off.
    #[serde(default)]
    pub gcode_after: String,
    /// An address that is called before a camera's picture is taken, and before the lines of G-code: a smart plug's. No variables
    /// in it. Everything after the host is a secret.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub light_on_url: String,
    /// An address that is called after a camera's picture was taken.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub light_off_url: String,
    /// Whether these addresses are called with POST, in place of GET.
    #[serde(default, skip_serializing_if = "is_not")]
    pub light_post: bool,
    /// Whether these lines may be sent while the printer prints.
    #[serde(default)]
    pub while_printing: bool,
    /// The most that the receiver takes of one picture, in thousands of bytes: a larger one is made to fit. 0 is any size.
    #[serde(default)]
    pub max_kilobytes: u32,
    /// The most pictures that the receiver takes in one message, where there are several. 0 is any number.
    #[serde(default, skip_serializing_if = "is_any")]
    pub most_pictures: u32,
    /// What its file is called, a text with variables; of several pictures each has its own name. The ending comes by itself.
    /// Empty is `snapshot.jpg`, and what else there is by its kind.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file_name: String,
    /// Whether the event of a timelapse that is ready (`MovieDone`) brings the timelapse in place of a picture.
    #[serde(default)]
    pub timelapse: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_any(most: &u32) -> bool {
    *most == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_not(switch: &bool) -> bool {
    !*switch
}

/// The name that stands for all webcams.
pub const ALL_CAMERAS: &str = "*";

/// Nobody waits longer than this before a picture is taken, in seconds.
pub const LONGEST_WAIT: u32 = 30;

/// No more lines of G-code than this are sent before or after a picture.
pub const MOST_LINES: usize = 20;

/// What a picture shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// What a camera sees.
    #[default]
    Camera,
    /// What the slicer has put into the file as its thumbnail.
    Thumbnail,
    /// What a camera sees; where it gives nothing, the thumbnail.
    CameraOrThumbnail,
}

/// Something to ask the shell for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// What cameras see.
    Camera(CameraWish),
    /// The thumbnail in the file that is printed.
    Thumbnail,
    /// A timelapse, by the path that its event has.
    Movie(String),
}

/// A picture of one camera or of all, and what is done around it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct CameraWish {
    /// The names of webcams, a line each; empty is the one for snapshots, [`ALL_CAMERAS`] all of them.
    pub camera: String,
    /// Lines for the printer before it.
    pub before: Vec<String>,
    /// The light that is switched around all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub light: Option<Light>,
    /// How long to wait then.
    pub wait_seconds: u32,
    /// Lines for the printer after it.
    pub after: Vec<String>,
    /// Whether they may be sent while it prints.
    pub while_printing: bool,
}

/// What a hook wants, and what it takes instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wishes {
    /// Asked for with the event.
    pub first: Wish,
    /// Asked for where that gives nothing.
    pub otherwise: Option<Wish>,
    /// A larger picture is made to fit.
    pub max_bytes: Option<usize>,
    /// Whether a timelapse goes in their place, where an event has one.
    pub timelapse: bool,
}

/// A picture, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The file.
    pub bytes: Bytes,
    /// What kind of file.
    pub format: Format,
    /// What it shows.
    pub shows: Shows,
}

/// The kinds of picture that are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// MP4, of a movie.
    Mp4,
    /// MPEG, of a movie.
    Mpeg,
    /// `WebM`, of a movie.
    Webm,
}

/// What a picture shows, now that it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shows {
    /// The printer.
    Camera,
    /// The model.
    Thumbnail,
    /// The print in motion; what its file is called.
    Movie(String),
}

/// What became of a wish.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// What there is.
    pub pictures: Vec<Picture>,
    /// Why there is none, or not all of it, a sentence.
    pub missing: Option<String>,
}

impl PictureConfig {
    /// Whether it is what it always was: the camera's.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// What to ask for.
    pub fn wishes(&self) -> Wishes {
        let (first, otherwise) = match self.source {
            Source::Camera => (Wish::Camera(self.camera_wish()), None),
            Source::Thumbnail => (Wish::Thumbnail, None),
            Source::CameraOrThumbnail => (Wish::Camera(self.camera_wish()), Some(Wish::Thumbnail)),
        };
        let max_bytes = usize::try_from(self.max_kilobytes).ok().filter(|most| *most > 0);
        let max_bytes = max_bytes.map(|most| most.saturating_mul(1000));
        Wishes { first, otherwise, max_bytes, timelapse: self.timelapse }
    }

    fn camera_wish(&self) -> CameraWish {
        let (before, after) = (lines_of(&self.gcode_before), lines_of(&self.gcode_after));
        CameraWish {
            camera: cameras_of(&self.camera),
            while_printing: self.while_printing && !(before.is_empty() && after.is_empty()),
            before,
            // An address that is none keeps the hook from sending.
            light: Light::new(self).unwrap_or_default(),
            wait_seconds: self.wait_seconds.min(LONGEST_WAIT),
            after,
        }
    }

    /// Leaves out what a printer would be told; whether there was any.
    pub fn forget_gcode(&mut self) -> bool {
        let had_any = !lines_of(&self.gcode_before).is_empty() || !lines_of(&self.gcode_after).is_empty();
        self.gcode_before.clear();
        self.gcode_after.clear();
        self.while_printing = false;
        had_any
    }

    /// Leaves out which addresses are called; whether there was any.
    pub fn forget_light(&mut self) -> bool {
        let had_any = !self.light_on_url.trim().is_empty() || !self.light_off_url.trim().is_empty();
        self.light_on_url.clear();
        self.light_off_url.clear();
        self.light_post = false;
        had_any
    }

    /// What is wrong with it.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Light::new(self).err().unwrap_or_default();
        for (field, text) in [("picture.gcode_before", &self.gcode_before), ("picture.gcode_after", &self.gcode_after)]
        {
            if lines_of(text).len() > MOST_LINES {
                problems.push(Problem::error(field, format!("No more than {MOST_LINES} lines of G-code.")));
            }
        }
        if self.wait_seconds > LONGEST_WAIT {
            let message = format!("No more than {LONGEST_WAIT} seconds: the message waits with the picture.");
            problems.push(Problem::error("picture.wait_seconds", message));
        }
        problems
    }
}

/// The names of webcams as they are compared: none twice, and all of them where all are among them.
fn cameras_of(text: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in text.lines().map(str::trim).filter(|name| !name.is_empty()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.contains(&ALL_CAMERAS) { ALL_CAMERAS.to_owned() } else { names.join("\n") }
}

/// The lines that mean something to a printer: comments and empty lines do not.
fn lines_of(gcode: &str) -> Vec<String> {
    let code = |line: &str| line.split(';').next().unwrap_or_default().trim().to_owned();
    gcode.lines().map(code).filter(|line| !line.is_empty()).collect()
}

impl Wishes {
    /// What to ask for with an event.
    #[must_use]
    pub fn of_event(&self, event: &Event) -> Self {
        let movie = event.payload.get("movie").and_then(serde_json::Value::as_str);
        match movie.filter(|_| self.timelapse && event.name == "MovieDone") {
            Some(path) => Self { first: Wish::Movie(path.to_owned()), otherwise: None, ..self.clone() },
            None => self.clone(),
        }
    }
}

impl CameraWish {
    /// Whether all cameras are meant.
    pub fn is_all(&self) -> bool {
        self.camera == ALL_CAMERAS
    }

    /// Whether anything is done around it.
    pub fn is_staged(&self) -> bool {
        self.wait_seconds > 0 || !self.before.is_empty() || !self.after.is_empty()
    }
}

impl Picture {
    /// One of a camera.
    pub fn of_camera(jpeg: Bytes) -> Self {
        Self { bytes: jpeg, format: Format::Jpeg, shows: Shows::Camera }
    }

    /// What the file is called.
    pub fn file_name(&self) -> String {
        let stem = match &self.shows {
            Shows::Camera => "snapshot",
            Shows::Thumbnail => "thumbnail",
            Shows::Movie(name) => return name.replace(['"', '\\', '\r', '\n'], "_"),
        };
        format!("{stem}.{}", self.format.extension())
    }

    /// What the file is called where it is one of several, counted from 0.
    pub fn file_name_of(&self, number: usize) -> String {
        let name = self.file_name();
        match name.split_once('.') {
            Some((stem, extension)) if number > 0 => format!("{stem}{}.{extension}", number + 1),
            _ => name,
        }
    }
}

impl Format {
    /// By its first bytes.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\xFF\xD8\xFF") {
            Some(Self::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1A\n") {
            Some(Self::Png)
        } else {
            None
        }
    }

    /// Of a movie, by its name.
    pub fn of_movie(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "mp4" | "m4v" => Some(Self::Mp4),
            "mpg" | "mpeg" => Some(Self::Mpeg),
            "webm" => Some(Self::Webm),
            _ => None,
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Mp4 => "video/mp4",
            Self::Mpeg => "video/mpeg",
            Self::Webm => "video/webm",
        }
    }

    const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Mp4 => "mp4",
            Self::Mpeg => "mpg",
            Self::Webm => "webm",
        }
    }
}

impl Shows {
    /// The value of `@pictureSource`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Camera => "camera",
            Self::Thumbnail => "thumbnail",
            Self::Movie(_) => "timelapse",
        }
    }
}

impl Found {
    /// Nothing, and why: a sentence.
    pub fn missing(why: impl Into<String>) -> Self {
        Self { pictures: Vec::new(), missing: Some(why.into()) }
    }

    /// How many bytes it has.
    pub fn bytes(&self) -> usize {
        self.pictures.iter().map(|picture| picture.bytes.len()).sum()
    }
}

/// How packed pictures begin. A JPEG begins otherwise: on its own it is one of the camera's.
const MAGIC: &[u8] = b"octohooks pictures 1\n";

/// One line of what is packed.
#[derive(Serialize, Deserialize)]
struct Entry {
    wish: Wish,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    missing: Option<String>,
    pictures: Vec<Place>,
}

#[derive(Serialize, Deserialize)]
struct Place {
    bytes: usize,
    format: Format,
    shows: Shows,
}

/// What was found of all wishes of an event, as one piece. Nothing where there are no pictures.
pub fn pack(found: &[(Wish, Found)]) -> Option<Bytes> {
    if let [(Wish::Camera(wish), Found { pictures, missing: None })] = found
        && *wish == CameraWish::default()
        && let [Picture { bytes, format: Format::Jpeg, .. }] = pictures.as_slice()
    {
        return Some(bytes.clone());
    }
    if found.iter().all(|(_, found)| found.pictures.is_empty()) {
        return None;
    }
    let entry = |(wish, found): &(Wish, Found)| Entry {
        wish: wish.clone(),
        missing: found.missing.clone(),
        pictures: found
            .pictures
            .iter()
            .map(|picture| Place { bytes: picture.bytes.len(), format: picture.format, shows: picture.shows.clone() })
            .collect(),
    };
    let entries: Vec<Entry> = found.iter().map(entry).collect();
    let mut packed = MAGIC.to_vec();
    packed.extend(serde_json::to_vec(&entries).ok()?);
    packed.push(b'\n');
    for picture in found.iter().flat_map(|(_, found)| &found.pictures) {
        packed.extend_from_slice(&picture.bytes);
    }
    Some(Bytes::from(packed))
}

/// What was packed; what is damaged is not there.
pub fn unpack(packed: &Bytes) -> Vec<(Wish, Found)> {
    if !packed.starts_with(MAGIC) {
        let pictures = vec![Picture::of_camera(packed.clone())];
        return vec![(Wish::Camera(CameraWish::default()), Found { pictures, missing: None })];
    }
    let rest = packed.slice(MAGIC.len()..);
    let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { return Vec::new() };
    let entries: Vec<Entry> = serde_json::from_slice(&rest[..end]).unwrap_or_default();
    let mut bytes = rest.slice(end + 1..);
    let mut take = |place: Place| {
        let bytes = (place.bytes <= bytes.len()).then(|| bytes.split_to(place.bytes))?;
        Some(Picture { bytes, format: place.format, shows: place.shows })
    };
    let found = |entry: Entry| {
        let pictures = entry.pictures.into_iter().filter_map(&mut take).collect();
        (entry.wish, Found { pictures, missing: entry.missing })
    };
    entries.into_iter().map(found).collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{CameraWish, Format, Found, MAGIC, Picture, PictureConfig, Shows, Wish, Wishes, pack, unpack};

    fn camera() -> Wish {
        Wish::Camera(CameraWish::default())
    }

    fn jpeg() -> Picture {
        Picture::of_camera(Bytes::from_static(b"\xFF\xD8\xFFjpeg"))
    }

    fn png() -> Picture {
        Picture { bytes: Bytes::from_static(b"\x89PNG"), format: Format::Png, shows: Shows::Thumbnail }
    }

    #[test]
    fn what_is_packed_comes_out_again() {
        let camera_wish = Wish::Camera(CameraWish { camera: "*".to_owned(), ..CameraWish::default() });
        let camera = Found { pictures: vec![jpeg(), jpeg()], missing: Some("One is off.".to_owned()) };
        let thumbnail = Found { pictures: vec![png()], missing: None };
        let found = vec![(camera_wish, camera), (Wish::Thumbnail, thumbnail)];
        assert_eq!(unpack(&pack(&found).unwrap()), found);
    }

    #[test]
    fn a_picture_of_the_camera_alone_is_kept_as_it_always_was() {
        let found = vec![(camera(), Found { pictures: vec![jpeg()], missing: None })];
        let packed = pack(&found).unwrap();
        assert_eq!(packed, jpeg().bytes);
        assert_eq!(unpack(&packed), found);
    }

    #[test]
    fn webcams_are_compared_by_their_names_and_all_are_all() {
        let wish =
            |camera: &str| PictureConfig { camera: camera.to_owned(), ..PictureConfig::default() }.wishes().first;
        let of = |camera: &str| Wish::Camera(CameraWish { camera: camera.to_owned(), ..CameraWish::default() });
        assert_eq!(wish(" garage \n\nleft, above\ngarage\n"), of("garage\nleft, above"));
        assert_eq!(wish("garage\n*"), of("*"));
        assert_eq!(wish(" \n"), of(""));
    }

    #[test]
    fn hooks_that_want_the_same_share_a_wish() {
        let light = |before: &str| PictureConfig {
            gcode_before: before.to_owned(),
            gcode_after: "M355 S0".to_owned(),
            wait_seconds: 2,
            ..PictureConfig::default()
        };
        let Wishes { first, otherwise: None, max_bytes: None, .. } =
            light("M355 S1 ; on\n\n; and that is all\n").wishes()
        else {
            panic!("there is nothing else to be had");
        };
        assert_eq!(first, light("  M355 S1").wishes().first);
        let Wish::Camera(wish) = first else { panic!("the camera was meant") };
        assert_eq!((wish.before, wish.after), (vec!["M355 S1".to_owned()], vec!["M355 S0".to_owned()]));
        let eager = PictureConfig { while_printing: true, ..PictureConfig::default() };
        assert_eq!(eager.wishes().first, camera(), "there is nothing to send while it prints");
    }

    #[test]
    fn several_files_have_several_names() {
        let names: Vec<_> = (0..3).map(|number| jpeg().file_name_of(number)).collect();
        assert_eq!(names, ["snapshot.jpg", "snapshot2.jpg", "snapshot3.jpg"]);
    }

    #[test]
    fn reasons_without_a_picture_need_no_piece() {
        assert_eq!(pack(&[(camera(), Found::missing("It is off."))]), None);
    }

    #[test]
    fn damaged_pieces_give_what_is_left() {
        let found = vec![(Wish::Thumbnail, Found { pictures: vec![png(), png()], missing: None })];
        let packed = pack(&found).unwrap();
        assert_eq!(unpack(&packed.slice(..packed.len() - 1))[0].1.pictures, [png()]);
        for end in 0..packed.len() {
            unpack(&packed.slice(..end));
        }
        assert!(unpack(&Bytes::from_static(MAGIC)).is_empty());
    }
}
