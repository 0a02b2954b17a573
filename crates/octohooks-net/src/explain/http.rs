//! Why a connection that stood brought no answer, by what hyper says and by the first byte that came.

use std::error::Error;
use std::io;

use octohooks_core::attempt::{Failure, FailureKind};

use super::{cut, failure, tls};
use crate::progress::Place;

/// TLS records of the kinds alert and handshake begin with these; no HTTP answer does.
const BEGINS_LIKE_TLS: [u8; 2] = [0x15, 0x16];

/// No head of an answer came.
pub(crate) fn exchange(error: &hyper::Error, place: &Place, secure: bool, first_byte: Option<u8>) -> Failure {
    if !secure && first_byte.is_some_and(|byte| BEGINS_LIKE_TLS.contains(&byte)) {
        return failure(FailureKind::NotHttp, format!("{place} speaks TLS. Write https:// in the URL."));
    }
    if error.is_parse_too_large() {
        return head_too_large(place);
    }
    if error.is_parse() {
        return not_http(place);
    }
    if let Some(io_error) = source::<io::Error>(error) {
        return match io_error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(error) => tls::tls(error, place),
            None => cut(io_error, place),
        };
    }
    if error.is_user() {
        return failure(
            FailureKind::Internal,
            "The request could not be written. This is a fault of the plugin.".into(),
        );
    }
    match first_byte {
        // It ended while hyper was waiting for the rest of the head.
        Some(_) if error.is_incomplete_message() => {
            failure(FailureKind::ConnectionReset, format!("{place} hung up in the middle of its answer."))
        }
        // It spoke before it was asked, as servers for mail or SSH do.
        Some(_) => not_http(place),
        None => {
            let hint = if secure { "" } else { " If it expects TLS, write https:// in the URL." };
            failure(FailureKind::ConnectionReset, format!("{place} hung up without an answer.{hint}"))
        }
    }
}

/// The head is larger than is read, or there is no end of interim answers.
pub(crate) fn head_too_large(place: &Place) -> Failure {
    failure(FailureKind::AnswerTooLarge, format!("{place} sends more headers than are read."))
}

fn not_http(place: &Place) -> Failure {
    failure(FailureKind::NotHttp, format!("What {place} answers is not HTTP. Is {} the right port?", place.port))
}

/// The first error of this type below another.
fn source<T: Error + 'static>(error: &hyper::Error) -> Option<&T> {
    let mut below = error.source();
    while let Some(error) = below {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        below = error.source();
    }
    None
}
