//! Texts that people put into the TLS settings of a hook, and what is said about them.

use super::*;
use crate::secret::Secret;

/// A sequence of one byte, which is as much ASN.1 as is looked at here.
const WHOLE: &str = "MAEF";

fn pem(label: &str, base64: &str) -> String {
    format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n")
}

fn config(ca: &str) -> TlsConfig {
    TlsConfig { ca: ca.to_owned(), ..TlsConfig::default() }
}

#[track_caller]
fn check_problem(config: &TlsConfig, field: &str, line: Option<usize>, words: &str) {
    let problems = Trust::new(config).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    let problem = &problems[0];
    assert_eq!((problem.field.as_str(), problem.line), (field, line), "{problem:?}");
    assert!(problem.message.contains(words), "{problem:?}");
}

#[test]
fn nothing_at_all_trusts_nobody_else() {
    assert_eq!(Trust::new(&TlsConfig::default()).unwrap(), Trust::default());
    assert_eq!(Trust::new(&config(" \n")).unwrap(), Trust::default());
}

#[test]
fn several_certificates_with_text_around_them_are_all_read() {
    let text =
        format!("subject=CN = home\r\n{}\nnot after 2030\n{}", pem("CERTIFICATE", WHOLE), pem("CERTIFICATE", "MAEG"));
    let trust = Trust::new(&config(&text.replace('\n', "\r\n"))).unwrap();
    assert_eq!(trust.authorities, [vec![0x30, 1, 5], vec![0x30, 1, 6]]);
}

#[test]
fn what_is_no_certificate_is_named_with_its_line() {
    check_problem(&config("home-ca.pem"), "tls.ca", None, "-----BEGIN CERTIFICATE-----");
    check_problem(
        &config("\n-----BEGIN CERTIFICATE-----\nMAEF"),
        "tls.ca",
        Some(2),
        "no line -----END CERTIFICATE-----",
    );
    check_problem(&config("-----BEGIN CERTIFICATE-----\nMA-F\n"), "tls.ca", Some(2), "not base64");
    check_problem(&config(&pem("CERTIFICATE", "MAE")), "tls.ca", Some(1), "not base64");
    check_problem(&config(&pem("CERTIFICATE", "MAIF")), "tls.ca", Some(1), "damaged");
    check_problem(&config(&pem("CERTIFICATE REQUEST", WHOLE)), "tls.ca", Some(1), "but a certificate request");
    check_problem(&config(&pem("PRIVATE KEY", WHOLE)), "tls.ca", Some(1), "A private key stands here");
    let crossed = "-----BEGIN CERTIFICATE-----\nMAEF\n-----END PRIVATE KEY-----\n";
    check_problem(&config(crossed), "tls.ca", Some(3), "Expected here is -----END CERTIFICATE-----");
}

#[test]
fn a_certificate_of_this_machine_and_its_key_need_each_other() {
    let identity = |certificate: &str, key: &str| TlsConfig {
        client_certificate: certificate.to_owned(),
        client_key: Secret::new(key),
        ..TlsConfig::default()
    };
    let certificate = pem("CERTIFICATE", WHOLE);
    check_problem(&identity(&certificate, " "), "tls.client_key", None, "needs its private key");
    check_problem(
        &identity("", &pem("PRIVATE KEY", WHOLE)),
        "tls.client_certificate",
        None,
        "needs its client certificate",
    );
    let encrypted = pem("ENCRYPTED PRIVATE KEY", WHOLE);
    check_problem(&identity(&certificate, &encrypted), "tls.client_key", Some(1), "password");
    let encrypted = pem("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nMAEF");
    check_problem(&identity(&certificate, &encrypted), "tls.client_key", Some(1), "password");
    check_problem(&identity(&certificate, &pem("DSA PRIVATE KEY", WHOLE)), "tls.client_key", Some(1), "not known");
    check_problem(&identity(&certificate, &certificate), "tls.client_key", None, "not a private key");
    let two = pem("PRIVATE KEY", WHOLE).repeat(2);
    check_problem(&identity(&certificate, &two), "tls.client_key", Some(4), "second private key");

    for (label, format) in
        [("PRIVATE KEY", KeyFormat::Pkcs8), ("RSA PRIVATE KEY", KeyFormat::Pkcs1), ("EC PRIVATE KEY", KeyFormat::Sec1)]
    {
        let both = format!("{certificate}{}", pem(label, WHOLE));
        let found = Trust::new(&identity(&certificate, &both)).unwrap().identity.unwrap();
        assert_eq!((found.key_format, found.key.as_slice()), (format, &[0x30, 1, 5][..]));
    }
}

#[test]
fn fingerprints_are_read_in_every_usual_spelling_and_written_as_openssl_does() {
    let hex = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855";
    let colons = Fingerprint::of(b"").to_string();
    let base64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    assert_eq!(colons.replace(':', ""), hex);
    for text in [
        hex,
        &hex.to_lowercase(),
        &colons,
        base64,
        &format!("sha256//{base64}"),
        &format!("SHA256:{base64}"),
        &format!("sha256 Fingerprint={colons}\n"),
        &format!("{} ", colons.replace(':', " ")),
    ] {
        assert_eq!(Fingerprint::parse_all(text), Ok(vec![Fingerprint::of(b"")]), "{text}");
    }
    assert_eq!(Fingerprint::parse_all(&format!("{hex},\n{base64}")).unwrap().len(), 2);
    for text in ["sha1", &hex[2..], "x", "da39a3ee5e6b4b0d3255bfef95601890afd80709", &format!("{hex} {hex}"), "äöüßäöü"]
    {
        let config = TlsConfig { pinned_sha256: text.to_owned(), ..TlsConfig::default() };
        check_problem(&config, "tls.pinned_sha256", None, "64 hexadecimal digits");
    }
}

#[test]
fn elsewhere_only_authorities_count() {
    let config = TlsConfig {
        ca: pem("CERTIFICATE", WHOLE),
        pinned_sha256: Fingerprint::of(b"").to_string(),
        client_certificate: pem("CERTIFICATE", WHOLE),
        client_key: Secret::new(pem("PRIVATE KEY", WHOLE)),
    };
    let trust = Trust::new(&config).unwrap().for_another_server();
    assert_eq!(trust, Trust { authorities: vec![vec![0x30, 1, 5]], ..Trust::default() });
}
