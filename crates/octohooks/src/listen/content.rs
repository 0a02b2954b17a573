//! What a body is: its content type and its first bytes in, a [`Content`] out that can be shown.

use serde::de::IgnoredAny;

use super::multipart::{self, Parameters, RawPart};
use super::picture::Picture;

/// More fields than any form has; each takes more memory than its bytes.
const MAX_FIELDS: usize = 1000;

/// A body, read as what it says it is.
#[derive(Debug)]
pub(super) enum Content<'a> {
    Nothing,
    /// Valid JSON.
    Json(&'a str),
    Form(Vec<(String, String)>),
    Parts(Vec<Part<'a>>),
    Picture(Picture<'a>),
    Text(&'a str),
    Binary(&'a [u8]),
    /// It says to be one thing and is another: what is wrong, and what it is then.
    Mislabelled(String, Box<Content<'a>>),
}

/// A part of a multipart body.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub(super) name: String,
    pub(super) filename: Option<String>,
    pub(super) content_type: String,
    pub(super) body: &'a [u8],
    pub(super) content: Content<'a>,
}

impl<'a> Content<'a> {
    pub(super) fn of(content_type: &str, body: &'a [u8]) -> Self {
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind.starts_with("multipart/") {
            let boundary = Parameters::of(content_type);
            let parts = match boundary.get("boundary") {
                Some(boundary) if !boundary.is_empty() => multipart::parts(body, boundary),
                _ => Err("the header does not say which boundary separates its parts"),
            };
            return match parts {
                Ok(parts) => Self::Parts(parts.iter().map(Part::of).collect()),
                Err(reason) => {
                    let reason = format!("It is not right as a multipart body: {reason}.");
                    Self::Mislabelled(reason, Box::new(Self::of_single("", body)))
                }
            };
        }
        Self::of_single(&kind, body)
    }

    /// Anything but a multipart body.
    fn of_single(kind: &str, body: &'a [u8]) -> Self {
        if body.is_empty() {
            return Self::Nothing;
        }
        if let Some(picture) = Picture::of(body) {
            return Self::Picture(picture);
        }
        let Ok(text) = std::str::from_utf8(body) else {
            return Self::Binary(body);
        };
        if kind == "application/x-www-form-urlencoded" {
            let fields: Vec<_> = form_urlencoded::parse(body).into_owned().take(MAX_FIELDS + 1).collect();
            return if fields.len() <= MAX_FIELDS {
                Self::Form(fields)
            } else {
                let reason = format!("It has more than {MAX_FIELDS} fields, so it is shown as it is.");
                Self::Mislabelled(reason, Box::new(Self::Text(text)))
            };
        }
        match serde_json::from_str::<IgnoredAny>(text) {
            // A single word or number is JSON as well, but whoever sends it without saying so means text.
            Ok(_) if is_json(kind) || text.trim_start().starts_with(['{', '[']) => Self::Json(text),
            Err(error) if is_json(kind) => {
                Self::Mislabelled(format!("It is not right as JSON: {error}."), Box::new(Self::Text(text)))
            }
            _ => Self::Text(text),
        }
    }

    /// Every picture, with the name that its sender gave it.
    pub(super) fn pictures_mut(&mut self) -> Vec<(String, &mut Picture<'a>)> {
        match self {
            Self::Picture(picture) => vec![(String::new(), picture)],
            Self::Mislabelled(_, content) => content.pictures_mut(),
            Self::Parts(parts) => parts.iter_mut().filter_map(Part::picture_mut).collect(),
            Self::Nothing | Self::Json(_) | Self::Form(_) | Self::Text(_) | Self::Binary(_) => Vec::new(),
        }
    }
}

impl<'a> Part<'a> {
    fn of(part: &RawPart<'a>) -> Self {
        let disposition = Parameters::of(part.header("content-disposition"));
        let content_type = part.header("content-type").to_owned();
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        Self {
            name: disposition.get("name").unwrap_or_default().to_owned(),
            filename: disposition.get("filename").map(str::to_owned),
            content_type,
            body: part.body,
            content: Content::of_single(&kind, part.body),
        }
    }

    fn picture_mut(&mut self) -> Option<(String, &mut Picture<'a>)> {
        let name = self.filename.clone().unwrap_or_else(|| self.name.clone());
        match &mut self.content {
            Content::Picture(picture) => Some((name, picture)),
            _ => None,
        }
    }
}

fn is_json(kind: &str) -> bool {
    kind == "application/json" || kind.ends_with("+json")
}
