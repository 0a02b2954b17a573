//! The pages: served whole, kept for good, small.

use axum::body::Body;
use http::Request;
use octohooks_api::pages;

use crate::support::{Bench, VIEWER};

#[test]
fn every_file_is_served_with_its_type_and_may_be_kept() {
    let bench = Bench::new();
    let base = pages::entry().strip_suffix("main.js").unwrap().to_owned();
    for (file, size) in pages::files() {
        let request = Request::builder().uri(format!("/{base}{file}")).body(Body::empty()).unwrap();
        let (status, headers, body) = bench.send(Some(VIEWER), request);
        assert_eq!((status, body.len()), (200, size), "{file}");
        let kind = headers["content-type"].to_str().unwrap();
        assert!(kind.starts_with("text/javascript") || kind.starts_with("text/css"), "{file}: {kind}");
        assert!(headers["cache-control"].to_str().unwrap().contains("immutable"));
    }
    let request = Request::builder().uri("/pages/0000/main.js").body(Body::empty()).unwrap();
    assert_eq!(bench.send(Some(VIEWER), request).0, 404);
}

#[test]
fn all_of_them_together_are_under_150_kilobytes() {
    let total: usize = pages::files().map(|(_, size)| size).sum();
    assert!(total < 150_000, "{total} bytes");
}
