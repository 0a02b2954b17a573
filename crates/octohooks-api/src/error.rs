//! Every refusal in one shape: `{"error": {"code", "message", "problems"}}`.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use octohooks_core::problem::Problem;
use octohooks_engine::shelf::EditError;
use serde_json::json;

use crate::caller::Refusal;

/// A request that is not answered as asked.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    problems: Vec<Problem>,
}

impl ApiError {
    /// The request itself is not right.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    /// There is no such thing.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// What was sent cannot be taken; the problems say where.
    pub(crate) fn invalid(problems: Vec<Problem>) -> Self {
        let message = problems.first().map_or_else(String::new, |problem| problem.message.clone());
        Self { problems, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message) }
    }

    /// It does not go with how things stand.
    pub(crate) fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// Try again later.
    pub(crate) fn busy(message: impl Into<String>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "busy", message)
    }

    /// For a check, what is wrong with a draft is the answer and not a refusal.
    pub(crate) fn into_problems(self) -> Response {
        match self.code {
            "invalid" => Json(json!({"problems": self.problems})).into_response(),
            _ => self.into_response(),
        }
    }

    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), problems: Vec::new() }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Forbidden => Self::new(StatusCode::FORBIDDEN, "forbidden", "You are not allowed to do this."),
            Refusal::Reauthenticate => {
                Self::new(StatusCode::FORBIDDEN, "reauthenticate", "Please enter your password again.")
            }
        }
    }
}

impl From<EditError> for ApiError {
    fn from(error: EditError) -> Self {
        let message = error.to_string();
        match error {
            EditError::NotFound => Self::not_found(message),
            EditError::ChangedElsewhere => Self::new(StatusCode::PRECONDITION_FAILED, "changed_elsewhere", message),
            EditError::TooMany => Self::new(StatusCode::CONFLICT, "too_many", message),
            _ => Self::new(StatusCode::INSUFFICIENT_STORAGE, "not_saved", message),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self { status, code, message, problems } = self;
        (status, Json(json!({"error": {"code": code, "message": message, "problems": problems}}))).into_response()
    }
}
