//! What cameras and files gave, made ready to be sent: the right way up, small enough, and of a kind that is known.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use bytes::Bytes;
use octohooks_core::picture::{Format, Found, Picture, Shows};
use octohooks_core::thumbnail::{self, Kind, Thumbnail};
use octohooks_image::{Bounds, Limits, Orientation};

use super::{Shot, ThumbnailAt};

/// Made to fit and turned; untouched where nothing has to change. `note` is what else there is to say of it.
pub(super) fn of_cameras(shots: Vec<Shot>, note: Option<String>) -> Found {
    let mut reasons: Vec<String> = note.into_iter().collect();
    let mut pictures = Vec::with_capacity(shots.len());
    for shot in shots {
        match fitted(shot) {
            Ok(jpeg) => pictures.push(Picture::of_camera(jpeg)),
            Err(reason) => reasons.push(reason),
        }
    }
    Found { pictures, missing: Some(reasons.join(" ")).filter(|reasons| !reasons.is_empty()) }
}

fn fitted(shot: Shot) -> Result<Bytes, String> {
    let orientation = Orientation { flip_h: shot.flip_h, flip_v: shot.flip_v, rotate_90: shot.rotate_90 };
    let jpeg = shot.jpeg?;
    // A panic in a decoder is a picture that cannot be used, nothing more.
    let fitted = std::panic::catch_unwind(|| {
        match octohooks_image::fit(&jpeg, Bounds::default(), orientation, Limits::default()) {
            Ok(Cow::Borrowed(_)) => Ok(None),
            Ok(Cow::Owned(fitted)) => Ok(Some(fitted)),
            Err(error) => Err(format!("The picture could not be used: {error}.")),
        }
    });
    match fitted {
        Ok(fitted) => Ok(Bytes::from(fitted?.unwrap_or(jpeg))),
        Err(_) => Err("The picture could not be used: it is damaged.".to_owned()),
    }
}

/// The thumbnail as it stands in its file.
pub(super) fn of_thumbnail(thumbnail: Result<ThumbnailAt, String>) -> Found {
    let picture = thumbnail.and_then(|thumbnail| match thumbnail {
        ThumbnailAt::Picture(bytes) => match Format::of(&bytes) {
            Some(format) => Ok((bytes, format)),
            None => Err("The thumbnail is neither PNG nor JPEG, and could hardly be shown.".to_owned()),
        },
        ThumbnailAt::File(file) => of_file(&file),
    });
    match picture {
        Ok((bytes, format)) => {
            let picture = Picture { bytes: Bytes::from(bytes), format, shows: Shows::Thumbnail };
            Found { pictures: vec![picture], missing: None }
        }
        Err(reason) => Found::missing(reason),
    }
}

fn of_file(file: &Path) -> Result<(Vec<u8>, Format), String> {
    let mut head = Vec::new();
    let limit = u64::try_from(thumbnail::HEAD).unwrap_or(u64::MAX);
    let read = File::open(file).and_then(|file| file.take(limit).read_to_end(&mut head));
    // The path stays out of the sentence: whoever sees the delivery need not know how this machine is laid out.
    read.map_err(|error| format!("The file could not be read for its thumbnail: {}.", error.kind()))?;
    match thumbnail::largest(&head) {
        Ok(Thumbnail { kind: Kind::Sent(format), bytes, .. }) => Ok((bytes, format)),
        Ok(Thumbnail { kind: Kind::Qoi, .. }) => Err(thumbnail::NoThumbnail::Qoi.to_string()),
        Err(reason) => Err(reason.to_string()),
    }
}
