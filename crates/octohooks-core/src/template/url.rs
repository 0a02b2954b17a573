//! A URL with variables: values are percent-encoded for the place they stand in, and none of an event's reaches the host.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::jinja::{self, Target};
use super::parse::place_in;
use super::{Grammar, RenderError, Rendered, Renderer, Template};
use crate::problem::Problem;

/// The variables that may stand in the host: the hook's own, never an event's.
const HOOKS_OWN: [&str; 2] = ["deviceIdentifier", "apiSecret"];

/// What is escaped in the user's own text: what no URL may hold. `%` stays, for what is escaped already.
const LITERAL: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// What is escaped in a value: everything but RFC 3986's unreserved characters.
pub(crate) const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A parsed URL template.
#[derive(Clone, PartialEq, Eq)]
pub struct UrlTemplate {
    /// `https://user:password@host:port`.
    authority: Template,
    /// From the first `/`, `?` or `#` behind the host.
    rest: Template,
}

/// Why a URL cannot be used. The message is for the user and holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// There is none.
    #[error("There is no URL. Write where to send, for example https://example.com/webhook.")]
    Empty,
    /// It does not begin with a scheme.
    #[error("The URL has no scheme. Write https:// (or http://) before it.")]
    NoScheme,
    /// A scheme that no webhook can use.
    #[error("The scheme {0}: cannot be used. Write http:// or https://.")]
    Scheme(String),
    /// A variable of an event would choose where to send.
    #[error("@{0} stands in the host. An event's values cannot choose the host; for a literal @ write @@.")]
    VariableInHost(String),
    /// The host does not parse.
    #[error("The host of the URL is not right: {0}.")]
    Host(String),
    /// A value is `.` or `..` and would lead to another path of the host.
    #[error("A variable in the path of the URL became \".\" or \"..\", which would lead elsewhere.")]
    DotSegment,
    /// Jinja would choose where to send.
    #[error("Jinja cannot stand before or in the host; @deviceIdentifier and @apiSecret can.")]
    JinjaInHost,
    /// A tag of Jinja is wrong.
    #[error("{message}")]
    Jinja {
        /// What is wrong.
        message: String,
        /// Where.
        line: usize,
        /// And where in that line.
        column: usize,
    },
    /// It cannot be filled in.
    #[error(transparent)]
    Render(#[from] RenderError),
}

impl UrlError {
    /// As a problem of a field.
    pub fn in_field(&self, field: &str) -> Problem {
        let problem = Problem::error(field, self.to_string());
        match self {
            Self::Jinja { line, column, .. } => problem.at(*line, *column),
            _ => problem,
        }
    }
}

impl UrlTemplate {
    /// Parses a URL template in which nothing but `@name` is more than text.
    ///
    /// # Errors
    /// What is wrong, see [`UrlError`].
    pub fn parse(source: &str) -> Result<Self, UrlError> {
        Self::parse_as(source, Grammar::default())
    }

    /// Parses a URL template and checks its scheme and host.
    ///
    /// # Errors
    /// What is wrong, see [`UrlError`].
    pub fn parse_as(whole: &str, grammar: Grammar) -> Result<Self, UrlError> {
        let source = whole.trim();
        if source.is_empty() {
            return Err(UrlError::Empty);
        }
        let (scheme, after) = source.split_once("://").ok_or(UrlError::NoScheme)?;
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            let is_scheme = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
            return Err(if is_scheme { UrlError::Scheme(scheme.to_owned()) } else { UrlError::NoScheme });
        }
        let end = after.find(['/', '?', '#', '\\']).unwrap_or(after.len());
        // A tag may have a slash or a # of its own.
        let reaches_host = grammar.jinja && jinja::is_jinja(&after[..(end + 1).min(after.len())]);
        if reaches_host && !after[end..].starts_with('/') || grammar.jinja && jinja::is_jinja(&after[..end]) {
            return Err(UrlError::JinjaInHost);
        }
        let authority = Template::parse(&source[..scheme.len() + 3 + end]);
        for name in authority.names() {
            if let Some(found) = super::parse::resolve(name, crate::variables::is_built_in)
                && !HOOKS_OWN.contains(&found.root)
            {
                return Err(UrlError::VariableInHost(name.to_owned()));
            }
        }
        let rest = &after[end..];
        let rest = Template::parse_as(rest, grammar, Target::Url).map_err(|wrong| {
            let start = whole.trim_end().len() - rest.len();
            let (line, column) = place_in(whole, start + wrong.offset);
            UrlError::Jinja { message: wrong.message, line, column }
        })?;
        let template = Self { authority, rest };
        // Placeholders for the hook's own variables: whether they fit is only known when they are put in.
        if template.authority.names().next().is_none() {
            host_of(&join(&template.authority))?;
        }
        Ok(template)
    }

    /// The names behind each `@` that has the form of a variable.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.authority.names().chain(self.rest.names())
    }

    /// The user's own texts behind the host, and before it where a user and a password stand.
    pub fn literals(&self) -> Vec<String> {
        let authority = self.authority.literals().into_iter().map(|text| match text.rsplit_once('@') {
            Some((user_info, _)) => user_info.rsplit('/').next().unwrap_or_default().to_owned(),
            None => String::new(),
        });
        authority.chain(self.rest.literals()).filter(|text| !text.is_empty()).collect()
    }

    /// Scheme, host, and port for a hook with these values of its own; `None` where it would be no URL.
    pub fn origin(&self, device_identifier: &str, api_secret: &str) -> Option<url::Origin> {
        let value = |root: &str| match root {
            "deviceIdentifier" => Some(device_identifier.to_owned()),
            "apiSecret" => Some(api_secret.to_owned()),
            _ => None,
        };
        Url::parse(&self.authority_with(value).ok()?).ok().map(|url| url.origin())
    }

    /// `https://user:password@host:port` with the hook's own variables put in. Nothing of an event or an OAuth answer is,
    /// and a value cannot end the host or begin another: it has only what stands in hosts and ports.
    fn authority_with(&self, value: impl Fn(&str) -> Option<String>) -> Result<String, UrlError> {
        let mut authority = String::new();
        for piece in &self.authority.pieces {
            let name = match piece {
                super::parse::Piece::Text(text) => {
                    authority.push_str(text);
                    continue;
                }
                super::parse::Piece::Variable(name) => name,
            };
            let Some(found) = super::parse::resolve(name, |root| HOOKS_OWN.contains(&root)) else {
                authority.push('@');
                authority.push_str(name);
                continue;
            };
            let value = value(found.root).unwrap_or_default();
            if !value.chars().all(|letter| letter.is_alphanumeric() || ".-_:".contains(letter)) {
                return Err(UrlError::Host(format!("@{} holds characters that no host has", found.root)));
            }
            authority.push_str(&value);
            authority.push_str(found.rest);
        }
        host_of(&authority)?;
        Ok(authority)
    }

    /// `user:password` before the host, as it was written; `None` where there is none, or a variable is part of it.
    pub fn user_info(&self) -> Option<String> {
        let [super::parse::Piece::Text(text), ..] = self.authority.pieces.as_slice() else { return None };
        let after_scheme = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
        after_scheme.rsplit_once('@').map(|(user_info, _)| user_info.to_owned())
    }

    /// The URL of a text without variables.
    ///
    /// # Errors
    /// When it is no URL.
    pub fn literal(&self) -> Result<Url, UrlError> {
        self.render(&mut Renderer::new(&super::Scope::default()))
    }

    /// The URL with every variable put in.
    ///
    /// # Errors
    /// When the result is no URL, see [`UrlError`].
    pub fn render(&self, renderer: &mut Renderer<'_>) -> Result<Url, UrlError> {
        let mut url = self.authority_with(|root| renderer.own(root))?;
        let mut in_path = true;
        let path_start = url.len();
        let mut values = Vec::new();
        for piece in renderer.pieces_of_url(&self.rest, &written)? {
            if let Rendered::Literal(text) = &piece {
                in_path = in_path && !text.contains(['?', '#']);
            } else if in_path {
                values.push(url.len());
            }
            push(&mut url, &piece);
        }
        if values.iter().any(|place| is_dot_segment(&url, path_start, *place)) {
            return Err(UrlError::DotSegment);
        }
        host_of(&url)
    }
}

impl fmt::Debug for UrlTemplate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("UrlTemplate(…)")
    }
}

fn join(template: &Template) -> String {
    template
        .pieces
        .iter()
        .map(|piece| match piece {
            super::parse::Piece::Text(text) | super::parse::Piece::Variable(text) => text.as_str(),
        })
        .collect()
}

fn host_of(text: &str) -> Result<Url, UrlError> {
    let url = Url::parse(text).map_err(|error| UrlError::Host(error.to_string()))?;
    if url.has_host() { Ok(url) } else { Err(UrlError::Host("there is none".to_owned())) }
}

fn push(url: &mut String, piece: &Rendered<'_>) {
    match piece {
        Rendered::Literal(text) => push_literal(url, text),
        Rendered::Value(value) => url.extend(utf8_percent_encode(value, VALUE)),
        Rendered::Written(value) => url.push_str(value),
    }
}

/// An `@name` as it stands in a URL.
fn written(pieces: &[Rendered<'_>]) -> String {
    let mut text = String::new();
    for piece in pieces {
        push(&mut text, piece);
    }
    text
}

/// The user's text, with a `%` that begins no escape made one.
fn push_literal(url: &mut String, text: &str) {
    for (index, part) in text.split('%').enumerate() {
        if index > 0 {
            let is_escape = part.len() >= 2 && part.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
            url.push_str(if is_escape { "%" } else { "%25" });
        }
        url.extend(utf8_percent_encode(part, LITERAL));
    }
}

/// Whether the path segment around a place is `.` or `..`.
fn is_dot_segment(url: &str, path_start: usize, place: usize) -> bool {
    let path = &url[path_start..];
    let path = &path[..path.find(['?', '#']).unwrap_or(path.len())];
    let place = (place - path_start).min(path.len());
    let start = path[..place].rfind('/').map_or(0, |slash| slash + 1);
    let end = path[place..].find('/').map_or(path.len(), |slash| place + slash);
    let segment = path[start..end].replace("%2e", ".").replace("%2E", ".");
    segment == "." || segment == ".."
}
