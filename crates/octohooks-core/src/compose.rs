//! A parcel, the hook's recipe, and what was found out; out comes the request.
//!
//! Message first, then URL, headers, and data, each variable put in once. Nothing here knows a clock or a network; the
//! same arguments make the same bytes.

mod derived;
mod encode;
mod scope;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::{Map, Value, json};
use url::Url;

pub use encode::{Encoded, Part};
pub(crate) use scope::of_event;

use crate::hook::HttpMethod;
use crate::hook::follow_up::FollowUp;
use crate::hook::ready::{OauthRecipe, Recipe};
use crate::parcel::{Enrichment, Parcel};
use crate::picture::{Picture, Shows, file_name};
use crate::problem::Problem;
use crate::request::{Request, Transport};
use crate::template::{JsonTemplate, RenderError, Renderer, Scope, Template, UrlError, UrlTemplate, text_of};

/// The version of this product, as receivers see it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A digest tells no more than so many of what was held, the newest.
const MOST_DIGEST_LINES: usize = 50;

/// On a late request: the age of its event in seconds.
const EVENT_AGE: HeaderName = HeaderName::from_static("x-event-age");

/// A request, and what is worth knowing of how it came about.
#[derive(Debug)]
pub struct Composed {
    /// What is sent.
    pub request: Request,
    /// How the data became the body, for showing it.
    pub encoded: Encoded,
    /// What is sent otherwise than the user may think.
    pub problems: Vec<Problem>,
}

/// Why no request can be made of a hook that is in order. A sentence for the user, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ComposeError {
    /// The variables lead to something that is no URL.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The templates cannot be filled in.
    #[error(transparent)]
    Template(#[from] RenderError),
}

/// Makes the request of a delivery. `message` is the template of the hook's message for this event, `token` the OAuth
/// answer of a hook that has one.
///
/// # Errors
/// See [`ComposeError`]; trying again does not help until the hook is changed.
pub fn compose(
    recipe: &Recipe,
    message: Option<&Template>,
    parcel: &Parcel,
    enrichment: &Enrichment,
    token: Option<&Map<String, Value>>,
) -> Result<Composed, ComposeError> {
    let mut scope = scope::of(recipe, parcel, enrichment);
    if let Some(token) = token {
        scope = scope.with_oauth(token);
    }
    let mut renderer = Renderer::new(&scope);
    let mut message = message.map(|template| renderer.text(template)).transpose()?.unwrap_or_default();
    // Whoever writes the digest somewhere has it there.
    if !parcel.digest.is_empty() && !recipe.uses("digest") {
        message = with_digest(&parcel.digest, &message);
    }
    if let Some(most) = recipe.message_limit {
        message = recipe.markup.cut(&message, most);
    }
    let mut unknown = renderer.unknown().to_vec();
    scope.set("message", Value::String(message));

    let pictures = &enrichment.pictures[..enrichment.pictures.len().min(recipe.most_pictures)];
    let names = file_names(recipe, &mut scope, pictures, &mut unknown)?;
    scope.set("pictures", list_of(&names));
    let Form { method, url, data, key } = Form::of(recipe, parcel, enrichment);
    let mut renderer = Renderer::new(&scope);
    let mut url = url.render(&mut renderer)?;
    let mut headers = rendered_headers(recipe, &mut renderer)?;
    let mut renderer = renderer.escaping(recipe.markup);
    let data = data.render(&mut renderer)?;
    unknown.extend_from_slice(renderer.unknown());

    move_user_info_to_header(&mut url, &mut headers);
    let pictures = encode::Pictures { key, all: pictures, names: &names };
    let (body, encoded) =
        encode::encode((method, recipe.content_type), parcel.id, &data, pictures, &mut url, &mut headers);
    defaults(&mut headers);
    if let Some(late) = parcel.late {
        headers.entry(EVENT_AGE).or_insert_with(|| late.0.as_secs().into());
    }
    Ok(Composed {
        request: Request { method: method.as_http(), url, headers, body, transport: recipe.transport.clone() },
        problems: problems(recipe, unknown, enrichment, encoded.pictures()),
        encoded,
    })
}

/// What the file of each picture is called.
fn file_names(
    recipe: &Recipe,
    scope: &mut Scope<'_>,
    pictures: &[Picture],
    unknown: &mut Vec<String>,
) -> Result<Vec<String>, RenderError> {
    let pictures = pictures.iter().enumerate();
    let Some(template) = &recipe.file_name else {
        return Ok(pictures.map(|(number, picture)| picture.file_name_of(number)).collect());
    };
    let mut names = Vec::with_capacity(pictures.len());
    for (number, picture) in pictures {
        scope.set("pictureNumber", (number + 1).into());
        let mut renderer = Renderer::new(scope);
        let text = renderer.text(template)?;
        unknown.extend_from_slice(renderer.unknown());
        names.push(file_name::name_of(&text, picture, number, &names));
    }
    scope.set("pictureNumber", 1.into());
    Ok(names)
}

/// The value of `@pictures`.
fn list_of(names: &[String]) -> Value {
    names.iter().enumerate().map(|(id, filename)| json!({"id": id, "filename": filename})).collect()
}

/// Which of the forms that a hook has for its request.
struct Form<'a> {
    method: HttpMethod,
    url: &'a UrlTemplate,
    data: &'a JsonTemplate,
    /// The key of the picture.
    key: Option<&'a str>,
}

impl<'a> Form<'a> {
    fn of(recipe: &'a Recipe, parcel: &Parcel, enrichment: &Enrichment) -> Self {
        let follow_up = recipe.follow_up.as_ref().filter(|_| parcel.message.is_some());
        let (whole, plain) = if let Some(follow_up) = follow_up {
            let FollowUp { method, url, data, snapshot_key, without_picture, .. } = follow_up;
            (Self { method: *method, url, data, key: snapshot_key.as_deref() }, without_picture)
        } else {
            let Recipe { method, url, data, snapshot_key, without_picture, .. } = recipe;
            (Self { method: *method, url, data, key: snapshot_key.as_deref() }, without_picture)
        };
        match plain {
            Some(plain) if enrichment.pictures.is_empty() => {
                Self { method: whole.method, url: &plain.url, data: &plain.data, key: None }
            }
            _ => whole,
        }
    }
}

/// What was held, a line each, and the message below it.
fn with_digest(lines: &[String], message: &str) -> String {
    let left_out = lines.len().saturating_sub(MOST_DIGEST_LINES);
    let more = (left_out > 0).then(|| format!("({left_out} more)"));
    let lines = lines[left_out..].iter().map(String::as_str);
    let all = more.as_deref().into_iter().chain(lines).chain([message]);
    all.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// What the built-in variables stand for in a delivery, for a person who writes a template. The API secret and pictures are
/// left out.
pub fn values(
    device_identifier: &str,
    message: Option<&Template>,
    parcel: &Parcel,
    enrichment: &Enrichment,
) -> Map<String, Value> {
    let is_shown =
        |name: &str| !matches!(name, "apiSecret" | "snapshot" | "snapshotBase64") && !name.starts_with("picture");
    let own = scope::Own { device_identifier, api_secret: "" };
    let mut values = scope::values(&is_shown, &own, parcel, enrichment);
    let scope = Scope::new(values.clone()).with_utc_offset(parcel.matched.event.context.utc_offset());
    let message = message.and_then(|template| Renderer::new(&scope).text(template).ok());
    values.insert("message".to_owned(), Value::String(message.unwrap_or_default()));
    values
}

/// The message of a delivery by itself, without what is found out later; nothing where it cannot be filled in.
pub fn message(recipe: &Recipe, message: &Template, parcel: &Parcel) -> String {
    let scope = scope::of(recipe, parcel, &Enrichment::default());
    Renderer::new(&scope).text(message).unwrap_or_default()
}

/// Makes the OAuth request: all of it is known.
pub fn compose_oauth(recipe: &OauthRecipe) -> Request {
    let mut url = recipe.url.clone();
    let mut headers = HeaderMap::new();
    headers.extend(recipe.headers.iter().cloned());
    move_user_info_to_header(&mut url, &mut headers);
    let body = encode::encode_plain(recipe.method, recipe.content_type, &recipe.data, &mut url, &mut headers).0;
    defaults(&mut headers);
    Request { method: recipe.method.as_http(), url, headers, body, transport: recipe.transport.clone() }
}

/// A request without data.
pub(crate) fn call(method: HttpMethod, mut url: Url, transport: Transport) -> Request {
    let mut headers = HeaderMap::new();
    move_user_info_to_header(&mut url, &mut headers);
    defaults(&mut headers);
    Request { method: method.as_http(), url, headers, body: Bytes::new(), transport }
}

/// Header values are UTF-8; null leaves a header out; a line break that came with a value becomes a blank.
fn rendered_headers(recipe: &Recipe, renderer: &mut Renderer<'_>) -> Result<HeaderMap, RenderError> {
    let mut headers = HeaderMap::with_capacity(recipe.headers.len() + 4);
    for (name, template) in &recipe.headers {
        let value = template.render(renderer)?;
        if value.is_null() {
            continue;
        }
        let text: String = text_of(&value).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        if let Ok(value) = HeaderValue::from_bytes(text.trim().as_bytes()) {
            headers.insert(name.clone(), value);
        }
    }
    Ok(headers)
}

/// `user:password@` of a URL becomes a Basic `Authorization`, unless the hook has an `Authorization` of its own.
fn move_user_info_to_header(url: &mut Url, headers: &mut HeaderMap) {
    use base64::Engine as _;
    if url.username().is_empty() && url.password().is_none() {
        return;
    }
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).collect::<Vec<u8>>();
    let mut credentials = decoded(url.username());
    credentials.push(b':');
    credentials.extend(decoded(url.password().unwrap_or_default()));
    let value = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(credentials));
    if let Ok(value) = HeaderValue::from_str(&value) {
        headers.entry(header::AUTHORIZATION).or_insert(value);
    }
    let cleared = url.set_username("").and_then(|()| url.set_password(None));
    debug_assert!(cleared.is_ok(), "a URL with a host can have its user removed");
}

fn defaults(headers: &mut HeaderMap) {
    let mut default = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.entry(name).or_insert(value);
        }
    };
    default(header::USER_AGENT, &format!("OctoPrint-Webhooks/{VERSION}"));
    default(header::ACCEPT, "*/*");
}

fn problems(recipe: &Recipe, mut unknown: Vec<String>, enrichment: &Enrichment, sent: usize) -> Vec<Problem> {
    unknown.dedup();
    let mut problems: Vec<_> = unknown
        .iter()
        .map(|name| {
            let message = format!("@{name} is neither a variable nor a key of the OAuth answer; nothing was put in.");
            Problem::warning("data", message)
        })
        .collect();
    if recipe.takes_picture() {
        problems.extend(of_picture(enrichment));
        let all = enrichment.pictures.len();
        if sent < all {
            let message = format!("{sent} of {all} pictures went along: there is no room for more.");
            problems.push(Problem::note("data", message));
        }
    }
    problems
}

/// What is worth saying of the picture in it.
fn of_picture(enrichment: &Enrichment) -> Option<Problem> {
    let Some(picture) = enrichment.pictures.first() else {
        let reason = enrichment.picture_missing.as_deref().unwrap_or("The camera gave none.");
        return Some(Problem::warning("data", format!("It went without the picture. {reason}")));
    };
    let reason = enrichment.picture_missing.as_deref()?;
    let message = match picture.shows {
        Shows::Thumbnail => format!("It went with the thumbnail in place of the camera's picture. {reason}"),
        Shows::Camera | Shows::Movie(_) => reason.to_owned(),
    };
    Some(Problem::note("data", message))
}
