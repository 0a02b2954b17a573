//! Pictures of a message: where a hook wants its own from, what they are, and how those of one event are packed to be kept.
//!
//! Comes in: what a person chose ([`PictureConfig`]), and what cameras and files gave. Goes out: [`Wishes`], of which each is
//! fulfilled once per event however many hooks have it, and one piece of bytes for all that was found.

use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the picture of a hook comes from, and what it is like.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PictureConfig {
    /// What it shows.
    #[serde(default)]
    pub source: Source,
}

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
    /// A picture of the camera that OctoPrint takes snapshots with.
    Camera,
    /// The thumbnail in the file that is printed.
    Thumbnail,
}

/// What a hook wants, and what it takes instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wishes {
    /// Asked for with the event.
    pub first: Wish,
    /// Asked for where that gives nothing.
    pub otherwise: Option<Wish>,
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
}

/// What a picture shows, now that it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shows {
    /// The printer.
    Camera,
    /// The model.
    Thumbnail,
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
        match self.source {
            Source::Camera => Wishes { first: Wish::Camera, otherwise: None },
            Source::Thumbnail => Wishes { first: Wish::Thumbnail, otherwise: None },
            Source::CameraOrThumbnail => Wishes { first: Wish::Camera, otherwise: Some(Wish::Thumbnail) },
        }
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
        };
        format!("{stem}.{}", self.format.extension())
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

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }
}

impl Shows {
    /// The value of `@pictureSource`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Camera => "camera",
            Self::Thumbnail => "thumbnail",
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
    if let [(Wish::Camera, Found { pictures, missing: None })] = found
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
        return vec![(Wish::Camera, Found { pictures, missing: None })];
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

    use super::{Format, Found, MAGIC, Picture, Shows, Wish, pack, unpack};

    fn jpeg() -> Picture {
        Picture::of_camera(Bytes::from_static(b"\xFF\xD8\xFFjpeg"))
    }

    fn png() -> Picture {
        Picture { bytes: Bytes::from_static(b"\x89PNG"), format: Format::Png, shows: Shows::Thumbnail }
    }

    #[test]
    fn what_is_packed_comes_out_again() {
        let camera = Found { pictures: vec![jpeg(), jpeg()], missing: Some("One is off.".to_owned()) };
        let thumbnail = Found { pictures: vec![png()], missing: None };
        let found = vec![(Wish::Camera, camera), (Wish::Thumbnail, thumbnail)];
        assert_eq!(unpack(&pack(&found).unwrap()), found);
    }

    #[test]
    fn a_picture_of_the_camera_alone_is_kept_as_it_always_was() {
        let found = vec![(Wish::Camera, Found { pictures: vec![jpeg()], missing: None })];
        let packed = pack(&found).unwrap();
        assert_eq!(packed, jpeg().bytes);
        assert_eq!(unpack(&packed), found);
    }

    #[test]
    fn reasons_without_a_picture_need_no_piece() {
        assert_eq!(pack(&[(Wish::Camera, Found::missing("It is off."))]), None);
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
