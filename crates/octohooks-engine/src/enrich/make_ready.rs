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

/// A larger timelapse is not sent, in bytes: it is held in memory, and beside its event while it waits.
const MOST_OF_MOVIE: usize = 10_000_000;

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

/// A timelapse as it is, if it is not too large to be held in memory.
pub(super) fn of_movie(file: Option<&Path>) -> Found {
    match file
        .ok_or_else(|| "The timelapse is not in OctoPrint's folder of timelapses any more.".to_owned())
        .and_then(movie)
    {
        Ok(picture) => Found { pictures: vec![picture], missing: None },
        Err(reason) => Found::missing(reason),
    }
}

fn movie(file: &Path) -> Result<Picture, String> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let format = Format::of_movie(&name).ok_or("The timelapse is of a kind that is not sent.")?;
    let mut bytes = Vec::new();
    let limit = u64::try_from(MOST_OF_MOVIE + 1).unwrap_or(u64::MAX);
    let read = File::open(file).and_then(|file| file.take(limit).read_to_end(&mut bytes));
    read.map_err(|error| format!("The timelapse could not be read: {}.", error.kind()))?;
    if bytes.len() > MOST_OF_MOVIE {
        return Err(format!("The timelapse is larger than {} MB.", MOST_OF_MOVIE / 1_000_000));
    }
    Ok(Picture { bytes: Bytes::from(bytes), format, shows: Shows::Movie(name) })
}

/// Each picture no larger than so many bytes; one that cannot be made so is left out.
pub(super) async fn below(found: Found, most: usize) -> Found {
    if found.pictures.iter().all(|picture| picture.bytes.len() <= most) {
        return found;
    }
    let mut reasons: Vec<String> = found.missing.into_iter().collect();
    let mut pictures = Vec::with_capacity(found.pictures.len());
    for picture in found.pictures {
        // It takes a while on a small computer. A panic in a decoder is a picture that cannot be used, nothing more.
        match tokio::task::spawn_blocking(move || smaller(picture, most)).await {
            Ok(Ok(picture)) => pictures.push(picture),
            Ok(Err(reason)) => reasons.push(reason),
            Err(_) => reasons.push("The picture could not be used: it is damaged.".to_owned()),
        }
    }
    Found { pictures, missing: Some(reasons.join(" ")).filter(|reasons| !reasons.is_empty()) }
}

fn smaller(picture: Picture, most: usize) -> Result<Picture, String> {
    if picture.bytes.len() <= most {
        return Ok(picture);
    }
    match picture.shows {
        Shows::Camera => {}
        Shows::Movie(_) => return Err("The timelapse is larger than what the receiver takes.".to_owned()),
        Shows::Thumbnail => return Err("The thumbnail is larger than what the receiver takes.".to_owned()),
    }
    let smaller = match octohooks_image::fit_below(&picture.bytes, most, Limits::default()) {
        Ok(smaller) => Bytes::from(smaller.into_owned()),
        Err(error) => return Err(format!("The picture could not be used: {error}.")),
    };
    Ok(Picture { bytes: smaller, ..picture })
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
