//! Which requests go through a proxy, by the variables that Python's `requests` honours.
//!
//! Comes in: a way to look up variables, once. Goes out: for each target, the route. Nothing here reads the environment by
//! itself or connects anywhere. What a proxy's URL holds is a secret, so nothing here has a `Debug`.

use std::net::{IpAddr, Ipv4Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::progress::Place;

/// The proxies of this machine. Cheap to ask.
pub struct Proxies {
    http: Option<Configured>,
    https: Option<Configured>,
    exceptions: Exceptions,
}

impl Proxies {
    /// Everything goes directly.
    pub fn none() -> Self {
        Self { http: None, https: None, exceptions: Exceptions::default() }
    }

    /// `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, in either case; lower case wins, and an empty lower-case
    /// variable switches the other off. In a CGI script (`REQUEST_METHOD` is set) `HTTP_PROXY` may come from a stranger's
    /// header, so it does not count there.
    pub fn from_variables(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let variable = |lower: &'static str, upper: &'static str| -> Option<Configured> {
            let (name, value) = match lookup(lower) {
                Some(value) => (lower, value),
                None => (upper, lookup(upper)?),
            };
            (!value.is_empty()).then(|| Configured { variable: name, proxy: Proxy::parse(&value) })
        };
        let all = || variable("all_proxy", "ALL_PROXY");
        let http_upper = if lookup("REQUEST_METHOD").is_some() { "http_proxy" } else { "HTTP_PROXY" };
        let exceptions =
            ["no_proxy", "NO_PROXY"].iter().find_map(|name| lookup(name).filter(|value| !value.is_empty()));
        Self {
            http: variable("http_proxy", http_upper).or_else(all),
            https: variable("https_proxy", "HTTPS_PROXY").or_else(all),
            exceptions: exceptions.map(|value| Exceptions::parse(&value)).unwrap_or_default(),
        }
    }

    /// What the proxies are told to let us in, and the passwords in it: to be covered in whatever is shown.
    pub fn credentials(&self) -> Vec<String> {
        let proxies = [&self.http, &self.https].into_iter().flatten().filter_map(|one| one.proxy.as_ref());
        let values = proxies.filter_map(|proxy| proxy.authorization.as_ref()?.to_str().ok()?.strip_prefix("Basic "));
        let with_password = values.flat_map(|encoded| {
            let plain = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let password = plain.and_then(|text| text.split_once(':').map(|(_, password)| password.to_owned()));
            [Some(encoded.to_owned()), password]
        });
        with_password.flatten().collect()
    }

    /// How to reach a target.
    pub(crate) fn route(&self, secure: bool, place: &Place) -> Route<'_> {
        match if secure { &self.https } else { &self.http } {
            Some(configured) if !self.exceptions.cover(place) => match &configured.proxy {
                Some(proxy) => Route::Through(proxy),
                None => Route::Unusable(configured.variable),
            },
            _ => Route::Direct,
        }
    }
}

/// The way to a target.
pub(crate) enum Route<'proxies> {
    Direct,
    Through(&'proxies Proxy),
    /// This variable is set, but not to the URL of a proxy that can be used.
    Unusable(&'static str),
}

struct Configured {
    variable: &'static str,
    proxy: Option<Proxy>,
}

/// One proxy.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) place: Place,
    /// Whether TLS is spoken with the proxy itself.
    pub(crate) secure: bool,
    /// The value of `Proxy-Authorization`.
    pub(crate) authorization: Option<HeaderValue>,
}

impl Proxy {
    /// Without a scheme it is http. SOCKS is not spoken here, as `requests` does not by itself.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) }.ok()?;
        let secure = match url.scheme() {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        Some(Self { place: Place::of(&url)?, secure, authorization: authorization(&url) })
    }
}

/// The credentials of a URL, if it has some.
fn authorization(url: &Url) -> Option<HeaderValue> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut credentials: Vec<u8> = percent_decode_str(url.username()).collect();
    credentials.push(b':');
    credentials.extend(percent_decode_str(url.password().unwrap_or_default()));
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(credentials)))
        .expect("the alphabet of base64 is allowed in a header");
    value.set_sensitive(true);
    Some(value)
}

/// What goes directly although there is a proxy.
#[derive(Default)]
struct Exceptions {
    everything: bool,
    entries: Vec<String>,
}

impl Exceptions {
    fn parse(text: &str) -> Self {
        let entries = text.split(',').map(|entry| entry.replace(' ', "").to_lowercase());
        Self { everything: text.trim() == "*", entries: entries.filter(|entry| !entry.is_empty()).collect() }
    }

    /// By address, by network (`192.168.0.0/16`), by name or by the end of a name, with or without a port.
    fn cover(&self, place: &Place) -> bool {
        let host = match &place.host {
            Host::Domain(name) => name.to_lowercase(),
            Host::Ipv4(ip) => ip.to_string(),
            Host::Ipv6(ip) => ip.to_string(),
        };
        let with_port = format!("{host}:{}", place.port);
        self.everything
            || self.entries.iter().any(|entry| {
                let entry = entry.trim_start_matches('.');
                match place.host {
                    Host::Ipv4(ip) => host == entry || in_network(ip, entry),
                    _ => [&host, &with_port].iter().any(|name| is_or_ends_with(name, entry)),
                }
            })
    }
}

fn is_or_ends_with(name: &str, entry: &str) -> bool {
    name.strip_suffix(entry).is_some_and(|before| before.is_empty() || (before.ends_with('.') && !entry.is_empty()))
}

fn in_network(ip: Ipv4Addr, entry: &str) -> bool {
    let parsed = entry.split_once('/').and_then(|(network, bits)| {
        let IpAddr::V4(network) = network.parse().ok()? else { return None };
        let bits: u32 = bits.parse().ok().filter(|bits| (1..=32).contains(bits))?;
        Some((network, u32::MAX << (32 - bits)))
    });
    parsed.is_some_and(|(network, mask)| ip.to_bits() & mask == network.to_bits() & mask)
}

#[cfg(test)]
mod tests;
