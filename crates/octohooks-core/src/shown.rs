//! A request as a person may see it, with what is secret in it covered.
//!
//! Covered are: everything behind the host of the URL (services put passwords there) but the query that the data makes,
//! every header value that may hold a credential, and in the body the API secret and OAuth's values, raw or escaped.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::compose::{Composed, Encoded, Part};
use crate::hook::follow_up::FollowUp;
use crate::hook::ready::Recipe;
use crate::secret::safe_origin;
use crate::template::UrlTemplate;

/// What stands where a secret was.
pub const COVER: &str = "••••";

/// Headers whose values are never secrets.
const OPEN_HEADERS: [&str; 5] = ["content-type", "accept", "user-agent", "webhook-id", "webhook-timestamp"];

/// As much of a body as is shown.
const SHOWN_LIMIT: usize = 16 * 1024;

/// Shorter parts of an address are words.
const SHORTEST_IN_URL: usize = 6;

/// Shorter runs of letters and digits within a secret are words.
const SHORTEST_RUN: usize = 8;

/// Fewer bytes than this say nothing in base64.
const SHORTEST_IN_BASE64: usize = 6;

/// More texts than this are not looked for.
const MOST_COVERED: usize = 2000;

/// Shorter texts are not covered in bodies: they would cover half the words.
const SHORTEST_COVERED: usize = 4;

/// A request to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The method.
    pub method: String,
    /// Scheme and host, then covered.
    pub url: String,
    /// Name and value of each header.
    pub headers: Vec<(String, String)>,
    /// The body, if it is text.
    pub body: Option<String>,
    /// The parts of a multipart body.
    pub parts: Option<Vec<ShownPart>>,
}

/// A part of a multipart body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownPart {
    /// The field's name.
    pub name: String,
    /// The file name, of a picture.
    pub filename: Option<String>,
    /// The type, of a picture.
    pub content_type: Option<String>,
    /// Size in bytes, where it is known.
    pub size: Option<usize>,
    /// The content, if it is text.
    pub text: Option<String>,
}

/// Covers texts wherever they stand in another: raw, as JSON, percent-encoded, as a form has it, or in base64.
#[derive(Clone, Default)]
pub struct Cover {
    /// In lower case, once it is finished the longest first. Shared by all deliveries of a hook.
    texts: Arc<Vec<String>>,
}

impl Cover {
    /// Covers the secrets of a recipe and the values of an OAuth answer.
    pub fn of(recipe: &Recipe, token: Option<&Map<String, Value>>) -> Self {
        let mut cover = recipe.cover.get_or_init(|| Self::of_recipe(recipe)).clone();
        if let Some(token) = token {
            token.values().for_each(|value| each_leaf(value, &mut |text| cover.add(text)));
            cover.finish();
        }
        cover
    }

    fn of_recipe(recipe: &Recipe) -> Self {
        let mut cover = Self::default();
        cover.add(recipe.api_secret.expose());
        for secret in &recipe.signing_secrets {
            cover.add(secret.expose());
            // A receiver may know the key without what says which kind it is.
            let bare = ["whsec_", "whsk_"].into_iter().find_map(|kind| secret.expose().trim().strip_prefix(kind));
            if let Some(key) = bare {
                cover.add(key);
            }
        }
        for (_, template) in recipe.headers.iter().filter(|(name, _)| !OPEN_HEADERS.contains(&name.as_str())) {
            for text in template.literals() {
                cover.add(&text);
                // `Bearer KEY`: the key alone is the secret.
                text.split_whitespace().for_each(|word| cover.add(word));
            }
        }
        cover.add_url(recipe);
        if let Some(oauth) = &recipe.oauth {
            let fields = oauth.data.as_object().into_iter().flatten();
            for (_, value) in fields.filter(|(key, _)| !matches!(key.as_str(), "grant_type" | "scope")) {
                each_leaf(value, &mut |text| cover.add(text));
            }
            for (_, value) in oauth.headers.iter().filter(|(name, _)| !OPEN_HEADERS.contains(&name.as_str())) {
                let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
                text.split_whitespace().for_each(|word| cover.add(word));
            }
        }
        cover.finish();
        cover
    }

    /// The parts of the URL that may be passwords, and the user and password before the host, as they are sent.
    fn add_url(&mut self, recipe: &Recipe) {
        use base64::Engine as _;
        let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        if let Some(user_info) = recipe.url.user_info() {
            self.add(&decoded(user_info.split_once(':').map_or(&user_info, |(_, password)| password)));
            self.look_for([base64::engine::general_purpose::STANDARD.encode(decoded(&user_info))]);
            self.add_base64_within(decoded(&user_info).as_bytes());
        }
        let plain = recipe.without_picture.iter().map(|plain| &plain.url);
        let others = plain.chain(recipe.follow_up.iter().flat_map(FollowUp::urls)).flat_map(UrlTemplate::literals);
        for text in recipe.url.literals().into_iter().chain(others) {
            let parts = text.split(|letter: char| "/?&=:@#".contains(letter));
            parts.filter(|part| is_like_a_key(part)).for_each(|part| {
                self.add(part);
                self.add(&decoded(part));
            });
        }
    }

    /// Covers one more text, and what is left of it however it is escaped or packed; [`Self::finish`] makes it count.
    pub fn add(&mut self, secret: &str) {
        use base64::Engine as _;
        let secret = secret.trim();
        if secret.len() < SHORTEST_COVERED || OPEN_LITERALS.contains(&secret) || self.texts.len() >= MOST_COVERED {
            return;
        }
        let json = Value::String(secret.to_owned()).to_string();
        self.look_for([
            secret.to_owned(),
            json[1..json.len() - 1].to_owned(),
            form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
            percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string(),
            base64::engine::general_purpose::STANDARD.encode(secret),
        ]);
        self.add_base64_within(secret.as_bytes());
        // However a receiver escapes what stands around them, letters and digits stay as they are.
        for run in secret.split(|letter: char| !letter.is_ascii_alphanumeric()) {
            if run.len() >= SHORTEST_RUN && run.len() < secret.len() {
                self.look_for([run.to_owned()]);
                self.add_base64_within(run.as_bytes());
            }
        }
    }

    /// What of its base64 does not depend on what stands around it.
    fn add_base64_within(&mut self, bytes: &[u8]) {
        use base64::Engine as _;
        use base64::engine::general_purpose::{STANDARD, URL_SAFE};
        for skip in 0..3 {
            let rest = bytes.get(skip..).unwrap_or_default();
            let whole = &rest[..rest.len() / 3 * 3];
            if whole.len() >= SHORTEST_IN_BASE64 {
                self.look_for([STANDARD.encode(whole), URL_SAFE.encode(whole)]);
            }
        }
    }

    fn look_for<const N: usize>(&mut self, texts: [String; N]) {
        Arc::make_mut(&mut self.texts).extend(texts.map(|text| text.to_ascii_lowercase()));
    }

    /// Puts what was added into the order in which it is looked for.
    pub fn finish(&mut self) {
        let texts = Arc::make_mut(&mut self.texts);
        texts.sort_unstable_by(|left, right| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
        texts.dedup();
    }

    /// A text with every secret in it covered, in upper or lower case. All of them are found before any is covered, so that
    /// one cannot hide another.
    pub fn apply(&self, text: &str) -> String {
        // ASCII alone changes, so places are the same in both.
        let searched = text.to_ascii_lowercase();
        let mut covered = vec![false; text.len()];
        for secret in self.texts.iter() {
            let mut from = 0;
            while let Some(found) = searched.get(from..).and_then(|rest| rest.find(secret)) {
                let start = from + found;
                covered[start..start + secret.len()].fill(true);
                from = start + searched[start..].chars().next().map_or(1, char::len_utf8);
            }
        }
        let mut shown = String::with_capacity(text.len());
        let mut within = false;
        for (place, letter) in text.char_indices() {
            if !covered[place] {
                shown.push(letter);
            } else if !within {
                shown.push_str(COVER);
            }
            within = covered[place];
        }
        shown
    }

    /// The beginning of a text, covered before it is cut: what is cut off cannot show what stands before it. Where the text
    /// itself was cut by somebody else, a secret may end there: its beginning is covered as well.
    pub fn apply_cut(&self, text: &str, most_characters: usize, was_cut: bool) -> String {
        let end = if was_cut { text.len() - self.begun_secret(text) } else { text.len() };
        let covered = self.apply(text.get(..end).unwrap_or(text));
        covered.chars().take(most_characters).collect()
    }

    /// How many bytes at the end of a text are the beginning of a secret.
    fn begun_secret(&self, text: &str) -> usize {
        let text = text.to_ascii_lowercase();
        let begun = |secret: &String| {
            let longest = secret.len().min(text.len());
            (1..longest).rev().find(|length| {
                secret.is_char_boundary(*length) && text.ends_with(secret.get(..*length).unwrap_or("\0"))
            })
        };
        self.texts.iter().filter_map(begun).max().unwrap_or(0)
    }
}

/// Every text and number in a value.
fn each_leaf(value: &Value, tell: &mut dyn FnMut(&str)) {
    match value {
        // A short number is a span or a count, and would cover others like it.
        Value::Number(number) if number.to_string().len() >= 8 => tell(&number.to_string()),
        Value::Number(_) | Value::Null | Value::Bool(_) => {}
        Value::String(text) => tell(text),
        Value::Array(items) => items.iter().for_each(|item| each_leaf(item, tell)),
        Value::Object(fields) => fields.values().for_each(|field| each_leaf(field, tell)),
    }
}

/// Whether a part of a URL may be a token or a password: anything but the words that stand in many addresses.
fn is_like_a_key(part: &str) -> bool {
    part.len() >= SHORTEST_IN_URL && !OPEN_PATH_WORDS.contains(&part.to_ascii_lowercase().as_str())
}

/// Words that stand in the addresses of many services.
const OPEN_PATH_WORDS: [&str; 22] = [
    "api", "hook", "hooks", "webhook", "webhooks", "services", "service", "trigger", "with", "json", "message",
    "messages", "notify", "send", "push", "event", "events", "https", "http", "index", "rest", "catch",
];

/// Words that stand in headers of many services and are no secrets.
const OPEN_LITERALS: [&str; 8] = [
    "Bearer",
    "Basic",
    "application/json",
    "application/x-www-form-urlencoded",
    "text/plain",
    "text/html",
    "default",
    "high",
];

/// Shows a request.
pub fn show(composed: &Composed, cover: &Cover) -> Shown {
    let request = &composed.request;
    let headers = request.headers.iter().map(|(name, value)| {
        let open = OPEN_HEADERS.contains(&name.as_str());
        let value = if open { String::from_utf8_lossy(value.as_bytes()).into_owned() } else { COVER.to_owned() };
        (canonical_name(name.as_str()), cover.apply(&value))
    });
    let parts = match &composed.encoded {
        Encoded::Multipart(parts) => Some(parts.iter().map(|part| show_part(part, &request.body, cover)).collect()),
        _ => None,
    };
    let body = match &composed.encoded {
        Encoded::Json | Encoded::Form => Some(text_body(&request.body, cover)),
        Encoded::Picture { .. } if !request.body.is_empty() => {
            Some(format!("(a picture, {} bytes)", request.body.len()))
        }
        Encoded::Query { .. } | Encoded::Multipart(_) | Encoded::Picture { .. } => None,
    };
    Shown {
        method: request.method.to_string(),
        url: show_url(composed, cover),
        headers: headers.collect(),
        body: body.map(|text| cut(&text)),
        parts,
    }
}

/// A body with a picture in it is long: no more of it is looked through than is shown, and a bit.
fn text_body(body: &[u8], cover: &Cover) -> String {
    let seen = &body[..body.len().min(4 * SHOWN_LIMIT)];
    let text = String::from_utf8_lossy(seen);
    if seen.len() == body.len() { cover.apply(&text) } else { cover.apply_cut(&text, SHOWN_LIMIT + 1, true) }
}

fn show_part(part: &Part, body: &[u8], cover: &Cover) -> ShownPart {
    let content = body.get(part.range.clone()).unwrap_or_default();
    let text = part.filename.is_none().then(|| cut(&cover.apply(&String::from_utf8_lossy(content))));
    ShownPart {
        name: part.name.clone(),
        filename: part.filename.as_deref().map(|name| cover.apply(name)),
        content_type: part.content_type.map(str::to_owned),
        size: Some(content.len()),
        text,
    }
}

fn show_url(composed: &Composed, cover: &Cover) -> String {
    let url = &composed.request.url;
    let origin = safe_origin(url.as_str());
    let has_path = url.path().len() > 1;
    let path = if has_path { format!("/{COVER}") } else { "/".to_owned() };
    let query = match (url.query(), &composed.encoded) {
        (None, _) => String::new(),
        (Some(query), Encoded::Query { own_pairs } | Encoded::Picture { own_pairs }) => {
            let pairs = form_urlencoded::parse(query.as_bytes()).enumerate().map(|(index, (key, value))| {
                if index < *own_pairs { format!("{key}={COVER}") } else { format!("{key}={value}") }
            });
            format!("?{}", cut(&cover.apply(&pairs.collect::<Vec<_>>().join("&"))))
        }
        (Some(_), _) => format!("?{COVER}"),
    };
    cover.apply(&format!("{origin}{path}{query}"))
}

/// Whether [`show`] leaves nothing out but pictures.
pub fn is_whole(composed: &Composed) -> bool {
    match &composed.encoded {
        Encoded::Json | Encoded::Form => composed.request.body.len() < SHOWN_LIMIT,
        Encoded::Multipart(parts) => {
            parts.iter().filter(|part| part.filename.is_none()).all(|part| part.range.len() < SHOWN_LIMIT)
        }
        // The address has its own text, which is never cut.
        Encoded::Query { .. } | Encoded::Picture { .. } => true,
    }
}

/// The whole URL as it is sent, secrets covered: for another program, where [`Shown::url`] is for reading.
pub fn address(composed: &Composed, cover: &Cover) -> String {
    let url = &composed.request.url;
    let path = if url.path().len() > 1 { format!("/{COVER}") } else { "/".to_owned() };
    let query = match (url.query(), &composed.encoded) {
        (None, _) => String::new(),
        (Some(_), Encoded::Query { own_pairs } | Encoded::Picture { own_pairs }) => {
            let pairs = url.query_pairs().enumerate().map(|(index, (key, value))| {
                let escaped = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                // What is covered stays readable: it is there to be replaced.
                let pieces = cover.apply(&value).split(COVER).map(escaped).collect::<Vec<_>>();
                let value = if index < *own_pairs { COVER.to_owned() } else { pieces.join(COVER) };
                format!("{}={value}", escaped(&key))
            });
            format!("?{}", pairs.collect::<Vec<_>>().join("&"))
        }
        (Some(_), _) => format!("?{COVER}"),
    };
    cover.apply(&format!("{}{path}{query}", safe_origin(url.as_str())))
}

fn cut(text: &str) -> String {
    match text.char_indices().find(|(index, _)| *index >= SHOWN_LIMIT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `content-type` → `Content-Type`, as people write it.
fn canonical_name(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}
