//! The pages: served whole, packed for whoever can unpack, kept for good, small.

use axum::body::Body;
use http::{HeaderMap, Request};
use octohooks_api::pages;

use crate::support::{Bench, VIEWER};

fn get(bench: &Bench, file: &str, accepted: Option<&str>) -> (HeaderMap, Vec<u8>) {
    let base = pages::entry().strip_suffix("main.js").unwrap().to_owned();
    let mut request = Request::builder().uri(format!("/{base}{file}"));
    if let Some(accepted) = accepted {
        request = request.header("Accept-Encoding", accepted);
    }
    let (status, headers, body) = bench.send(Some(VIEWER), request.body(Body::empty()).unwrap());
    assert_eq!(status, 200, "{file}");
    (headers, body)
}

#[test]
fn every_file_is_served_with_its_type_and_may_be_kept() {
    let bench = Bench::new();
    for file in pages::files() {
        let (headers, body) = get(&bench, file.name, None);
        assert_eq!((body.len(), headers.get("content-encoding")), (file.size, None), "{}", file.name);
        let kind = headers["content-type"].to_str().unwrap();
        assert!(kind.starts_with("text/javascript") || kind.starts_with("text/css"), "{}: {kind}", file.name);
        assert!(headers["cache-control"].to_str().unwrap().contains("immutable"));
        assert_eq!(headers["vary"], "Accept-Encoding");
    }
    let request = Request::builder().uri("/pages/0000/main.js").body(Body::empty()).unwrap();
    assert_eq!(bench.send(Some(VIEWER), request).0, 404);
}

#[test]
fn whoever_can_unpack_gets_it_packed() {
    let bench = Bench::new();
    for accepted in ["gzip, deflate, br", "br;q=1.0, GZIP;q=0.5"] {
        let (headers, body) = get(&bench, "main.js", Some(accepted));
        assert_eq!(headers["content-encoding"], "gzip", "{accepted}");
        assert_eq!(body[..2], [0x1f, 0x8b], "{accepted}");
    }
    for accepted in ["identity", "br", "gzip;q=0", "gzip; q=0.0", ""] {
        let (headers, body) = get(&bench, "main.js", Some(accepted));
        assert_eq!(headers.get("content-encoding"), None, "{accepted}");
        assert!(body.starts_with(b"import "), "{accepted}");
    }
}

#[test]
fn what_is_wanted_first_comes_at_once_and_the_rest_when_it_is_wanted() {
    let (_, main) = get(&Bench::new(), "main.js", None);
    let main = String::from_utf8(main).unwrap();
    for needed in ["$list", "$hook_row", "$popup", "$dom"] {
        assert!(main.contains(&format!("const {needed} = (() => {{")), "{needed}");
    }
    assert!(main.starts_with("import * as $texts from \"./texts.js\";"), "and nothing else before it begins");
    assert_eq!(main.matches("\nimport ").count(), 0);
    for later in ["editor.js", "deliveries.js"] {
        assert!(main.contains(&format!("import(\"./{later}\")")), "{later}");
    }
    assert!(pages::files().len() < 15, "files: each is a request");
}

#[test]
fn all_of_them_together_are_under_80_kilobytes_on_their_way() {
    let is_catalogue = |name: &str| name.starts_with("de.") || name.starts_with("de_");
    let (catalogue, page): (Vec<_>, Vec<_>) = pages::files().iter().partition(|file| is_catalogue(file.name));
    let size = |files: &[&pages::File]| files.iter().map(|file| file.gzip.len()).sum::<usize>();
    assert!(size(&page) < 80_000, "{} bytes", size(&page));
    assert!((1_000..50_000).contains(&size(&catalogue)), "{} bytes of German", size(&catalogue));
}
