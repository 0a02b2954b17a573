//! The published vectors of Standard Webhooks 1.0, what a receiver would check, and keys that are none.

use bytes::Bytes;
use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};
use http::{HeaderMap, Method};
use proptest::prelude::*;

use super::*;
use crate::request::Transport;

const HMAC_KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ED25519_KEY: &str =
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
const BODY: &[u8] = br#"{"test": 2432232314}"#;

fn request(body: &[u8]) -> Request {
    Request {
        method: Method::POST,
        url: "https://example.com/".parse().unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(body),
        transport: Transport::default(),
    }
}

fn delivery() -> DeliveryId {
    DeliveryId::parse("019ab6f0-7c1e-7000-8000-000000000001").unwrap()
}

fn config(keys: &[&str]) -> SigningConfig {
    SigningConfig { keys: keys.iter().copied().map(Secret::new).collect(), ..SigningConfig::default() }
}

/// The headers of a signed request.
fn signed(config: &SigningConfig, body: &[u8], at: UnixMillis) -> HeaderMap {
    let mut request = request(body);
    sign(&mut request, &Signer::new(config).unwrap(), delivery(), at);
    request.headers
}

fn text<'header>(headers: &'header HeaderMap, name: &str) -> &'header str {
    headers[name].to_str().unwrap()
}

#[track_caller]
fn check_error(key: &str, expected: KeyError) {
    let error = Key::parse(key).map(|key| key.kind()).unwrap_err();
    assert_eq!(error, expected);
    let problems = Signer::new(&config(&[HMAC_KEY, key])).unwrap_err();
    assert_eq!((problems.len(), problems[0].field.as_str()), (1, "signing.keys.1"));
    assert_eq!(problems[0].message, expected.to_string());
}

#[test]
fn the_published_vectors() {
    for (key, head, body, signature) in [
        (HMAC_KEY, "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.", BODY, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        (
            "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk.1649367553.",
            br#"{"email":"test@example.com","username":"test_user"}"#,
            "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
        ),
        (
            ED25519_KEY,
            "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.",
            BODY,
            "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==",
        ),
    ] {
        assert_eq!(Key::parse(key).unwrap().sign(head.as_bytes(), body), signature);
    }
}

#[test]
fn an_attempt_has_the_deliverys_id_its_own_second_and_one_signature_per_key() {
    let config = config(&[HMAC_KEY, ED25519_KEY]);
    let first = signed(&config, BODY, UnixMillis(1_614_265_330_999));
    assert_eq!(text(&first, "webhook-id"), delivery().to_string());
    assert_eq!(text(&first, "webhook-timestamp"), "1614265330");
    let kinds: Vec<_> =
        text(&first, "webhook-signature").split(' ').map(|one| one.split_once(',').unwrap().0).collect();
    assert_eq!(kinds, ["v1", "v1a"]);
    let second = signed(&config, BODY, UnixMillis(1_614_265_390_000));
    assert_eq!(text(&first, "webhook-id"), text(&second, "webhook-id"));
    assert_ne!(text(&first, "webhook-signature"), text(&second, "webhook-signature"));
}

#[test]
fn the_body_alone_is_signed_as_github_does() {
    // The example of GitHub's documentation.
    let config = SigningConfig {
        body_signature_header: " X-Hub-Signature-256 ".into(),
        body_signature_secret: Secret::new("It's a Secret to Everybody"),
        ..SigningConfig::default()
    };
    let headers = signed(&config, b"Hello, World!", UnixMillis(0));
    assert_eq!(
        text(&headers, "x-hub-signature-256"),
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    );
    assert_eq!(headers.len(), 1);
    assert!(!Signer::new(&config).unwrap().needs_the_time());
}

#[test]
fn without_keys_nothing_is_added_and_with_them_the_hooks_own_headers_give_way() {
    assert!(signed(&SigningConfig::default(), BODY, UnixMillis(0)).is_empty());
    let mut request = request(BODY);
    request.headers.append(ID, HeaderValue::from_static("mine"));
    request.headers.append(ID, HeaderValue::from_static("mine too"));
    sign(&mut request, &Signer::new(&config(&[HMAC_KEY])).unwrap(), delivery(), UnixMillis(0));
    assert_eq!(request.headers.get_all(ID).iter().count(), 1);
    assert_eq!(text(&request.headers, "webhook-id"), delivery().to_string());
}

#[test]
fn what_is_wrong_with_a_key_is_said_without_the_key() {
    check_error("", KeyError::Empty);
    check_error("  ", KeyError::Empty);
    check_error("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", KeyError::UnknownKind);
    check_error("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=", KeyError::Public);
    check_error("whsec_!", KeyError::NotBase64("whsec_"));
    check_error("whsec_", KeyError::HmacLength(0));
    check_error("whsec_c2hvcnQ=", KeyError::HmacLength(5));
    check_error(&format!("whsec_{}", "A".repeat(88)), KeyError::HmacLength(66));
    check_error("whsk_c2hvcnQ=", KeyError::Ed25519Length(5));
    let torn = ED25519_KEY.replace("Kvg==", "Kvw==").replace("Fs6", "Fs7");
    check_error(&torn, KeyError::Torn);
    let many = config(&[HMAC_KEY; 9]);
    assert_eq!(Signer::new(&many).unwrap_err()[0].field, "signing.keys");
}

#[test]
fn a_signature_of_the_body_needs_a_header_and_a_secret() {
    for (header, secret, field) in [
        ("X Hub", "s", "signing.body_signature_header"),
        ("Content-Length", "s", "signing.body_signature_header"),
        ("Webhook-Signature", "s", "signing.body_signature_header"),
        ("X-Hub-Signature-256", "", "signing.body_signature_secret"),
    ] {
        let config = SigningConfig {
            body_signature_header: header.into(),
            body_signature_secret: Secret::new(secret),
            ..SigningConfig::default()
        };
        assert_eq!(Signer::new(&config).unwrap_err()[0].field, field, "{header}");
    }
}

#[test]
fn keys_are_forgiven_blanks_and_lost_padding() {
    let whole = Key::parse(ED25519_KEY).unwrap();
    let seed = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc";
    for text in [format!(" {ED25519_KEY}\n"), ED25519_KEY.trim_end_matches('=').to_owned(), seed.to_owned()] {
        assert_eq!(Key::parse(&text).unwrap().public(), whole.public());
    }
    assert_eq!(whole.public().unwrap(), "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=");
}

#[test]
fn nothing_of_a_key_shows_in_debug() {
    let signer = Signer::new(&config(&[HMAC_KEY, ED25519_KEY])).unwrap();
    let shown = format!("{signer:?} {:?} {:?}", signer.keys, config(&[HMAC_KEY]));
    assert!(!shown.contains("MfKQ") && !shown.contains("6Xb"), "{shown}");
}

proptest! {
    #[test]
    fn any_body_is_signed_so_that_only_it_verifies(
        body in proptest::collection::vec(any::<u8>(), 0..2000),
        random: [u8; 32],
        at in 0_i64..4_000_000_000_000,
        flip: proptest::sample::Index,
    ) {
        let (shared, pair) = (Key::new_hmac(&random), Key::new_ed25519(&random));
        let public = match &pair { Key::Ed25519(key) => key.verifying_key(), Key::Hmac(_) => unreachable!() };
        let both = config(&[shared.text().expose(), pair.text().expose()]);
        let headers = signed(&both, &body, UnixMillis(at));
        let (v1, v1a) = text(&headers, "webhook-signature").split_once(' ').unwrap();

        let mut content = format!("{}.{}.", text(&headers, "webhook-id"), text(&headers, "webhook-timestamp")).into_bytes();
        content.extend_from_slice(&body);
        prop_assert!(verifies(&random, &public, &content, v1, v1a));
        let at = flip.index(content.len());
        content[at] ^= 1;
        prop_assert!(!verifies(&random, &public, &content, v1, v1a));
    }

    #[test]
    fn new_keys_are_read_back_as_they_were_written(random: [u8; 32]) {
        for key in [Key::new_hmac(&random), Key::new_ed25519(&random)] {
            let read = Key::parse(key.text().expose()).unwrap();
            prop_assert!(read.text() == key.text());
            prop_assert_eq!(read.kind(), key.kind());
        }
    }

    #[test]
    fn any_text_at_all_is_a_key_or_an_error(text in "(whsec_|whsk_|whpk_)?[ -~]{0,120}") {
        if let Err(error) = Key::parse(&text) {
            prop_assert!(error.to_string().ends_with(['.', '?']));
        }
    }
}

/// As a receiver does it, with the operations for verifying.
fn verifies(shared: &[u8], public: &VerifyingKey, content: &[u8], v1: &str, v1a: &str) -> bool {
    use base64::Engine as _;
    let decode = |text: &str, kind: &str| {
        base64::engine::general_purpose::STANDARD.decode(text.strip_prefix(kind).unwrap()).unwrap()
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(shared).unwrap();
    mac.update(content);
    let hmac_holds = mac.verify_slice(&decode(v1, "v1,")).is_ok();
    let signature = Signature::from_slice(&decode(v1a, "v1a,")).unwrap();
    let ed25519_holds = public.verify(content, &signature).is_ok();
    assert_eq!(hmac_holds, ed25519_holds);
    hmac_holds
}
