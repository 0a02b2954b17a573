//! The light of a picture: addresses that are called before and after a camera looks.
//!
//! Comes in: what a person wrote. Goes out: a [`Light`] with its two requests, which hooks that want the same share. What is
//! written down of it is a name that gives nothing away; what is read from there can be compared, and calls nobody.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::PictureConfig;
use crate::attempt::Attempt;
use crate::compose::call;
use crate::hook::HttpMethod;
use crate::problem::Problem;
use crate::request::{Request, Transport};
use crate::status::name_of;
use crate::template::UrlTemplate;

/// A call that takes longer is given up.
pub const LONGEST_CALL: Duration = Duration::from_secs(5);

/// No more of an answer is read, in bytes: its status is all that is looked at.
const ANSWER_LIMIT: usize = 1024;

/// Addresses that switch a light. Two are the same where they call the same.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Light {
    name: String,
    calls: Arc<Calls>,
}

#[derive(Default)]
struct Calls {
    on: Option<Request>,
    off: Option<Request>,
}

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// Before the picture.
    On,
    /// After it.
    Off,
}

impl Light {
    /// The light of a hook; `None` where no address is called.
    ///
    /// # Errors
    /// Addresses that are none.
    pub fn new(config: &PictureConfig) -> Result<Option<Self>, Vec<Problem>> {
        let mut problems = Vec::new();
        let method = if config.light_post { HttpMethod::Post } else { HttpMethod::Get };
        let mut request = |field: &str, text: &str| {
            let text = text.trim();
            match (!text.is_empty()).then(|| literal(text)) {
                Some(Ok(url)) => Some(call(method, url, transport())),
                Some(Err(message)) => {
                    problems.push(Problem::error(field, message));
                    None
                }
                None => None,
            }
        };
        let on = request("picture.light_on_url", &config.light_on_url);
        let off = request("picture.light_off_url", &config.light_off_url);
        if !problems.is_empty() {
            return Err(problems);
        }
        if on.is_none() && off.is_none() {
            return Ok(None);
        }
        let mut hasher = DefaultHasher::new();
        (config.light_post, config.light_on_url.trim(), config.light_off_url.trim()).hash(&mut hasher);
        Ok(Some(Self { name: format!("{:016x}", hasher.finish()), calls: Arc::new(Calls { on, off }) }))
    }

    /// What is sent for it, if anything.
    pub fn request(&self, switch: Switch) -> Option<&Request> {
        match switch {
            Switch::On => self.calls.on.as_ref(),
            Switch::Off => self.calls.off.as_ref(),
        }
    }
}

impl Switch {
    /// Why a light was not switched, a sentence without anything of its address; `None` where it was.
    pub fn trouble(self, attempt: &Attempt) -> Option<String> {
        let reason = match &attempt.outcome {
            Ok(answer) if (200..300).contains(&answer.status) => return None,
            Ok(answer) => format!("Its address answered {}.", name_of(answer.status)),
            Err(failure) => failure.message.clone(),
        };
        Some(match self {
            Self::On => format!("The light was not switched on. {reason}"),
            Self::Off => format!("The light was not switched off. {reason}"),
        })
    }
}

/// A URL without variables: an `@` in it is an `@`.
fn literal(text: &str) -> Result<Url, String> {
    let template = UrlTemplate::parse(&text.replace('@', "@@"));
    template.and_then(|template| template.literal()).map_err(|error| error.to_string())
}

fn transport() -> Transport {
    Transport { deadline: LONGEST_CALL, answer_limit: ANSWER_LIMIT, ..Transport::default() }
}

impl From<String> for Light {
    fn from(name: String) -> Self {
        Self { name, calls: Arc::default() }
    }
}

impl From<Light> for String {
    fn from(light: Light) -> Self {
        light.name
    }
}

impl fmt::Debug for Light {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Light").field(&self.name).finish()
    }
}

impl PartialEq for Light {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Light {}

impl Hash for Light {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl PartialOrd for Light {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Light {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(&other.name)
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_CALL, Light, Switch};
    use crate::picture::PictureConfig;

    fn config(on: &str, off: &str) -> PictureConfig {
        PictureConfig { light_on_url: on.to_owned(), light_off_url: off.to_owned(), ..PictureConfig::default() }
    }

    #[test]
    fn an_address_is_called_as_it_stands_and_its_password_goes_into_a_header() {
        let light =
            Light::new(&config("http://me:pass@plug.local/cm?cmnd=Power%20On&mail=a@b.c", "")).unwrap().unwrap();
        let request = light.request(Switch::On).unwrap();
        assert_eq!(request.url.as_str(), "http://plug.local/cm?cmnd=Power%20On&mail=a@b.c");
        assert_eq!(request.headers["authorization"], "Basic bWU6cGFzcw==");
        assert_eq!((request.method.as_str(), request.transport.deadline), ("GET", LONGEST_CALL));
        assert!(light.request(Switch::Off).is_none());
        let post = PictureConfig { light_post: true, ..config("http://plug.local/on", "") };
        assert_eq!(Light::new(&post).unwrap().unwrap().request(Switch::On).unwrap().method, "POST");
        assert!(Light::new(&config(" ", "")).unwrap().is_none());
    }

    #[test]
    fn what_is_no_address_is_refused_at_its_field() {
        let fields = |on, off| -> Vec<String> {
            Light::new(&config(on, off)).unwrap_err().into_iter().map(|problem| problem.field).collect()
        };
        assert_eq!(fields("plug", "http://plug.local/off"), ["picture.light_on_url"]);
        assert_eq!(fields("ftp://plug/on", "http://"), ["picture.light_on_url", "picture.light_off_url"]);
    }

    #[test]
    fn what_is_written_down_is_the_same_light_and_gives_nothing_away() {
        let light = Light::new(&config("http://plug.local/s3cret", "http://plug.local/off")).unwrap().unwrap();
        let written = serde_json::to_string(&light).unwrap();
        assert!(!format!("{written} {light:?}").contains("s3cret"));
        let read: Light = serde_json::from_str(&written).unwrap();
        assert_eq!(read, light);
        assert!(read.request(Switch::On).is_none());
        assert_ne!(Light::new(&config("http://plug.local/other", "http://plug.local/off")).unwrap().unwrap(), light);
    }
}
