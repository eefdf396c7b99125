//! What a client is told when something went wrong: one JSON form, and nothing of the inside.
//!
//! ```json
//! {"error": {"code": "invalid_request", "message": "column `age`, instances[0]: ...", "hint": "...",
//!            "column": "age", "row": 0}}
//! ```
//!
//! An error that is the server's own says a number and no more; what happened goes to the server's log
//! under that number.

use arkwright_core::Error;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

/// What went wrong, as a client sees it.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// The column, and the row counted from 0.
    place: Option<Box<(String, Option<u64>)>>,
    header: Option<Header>,
    /// What the client is not told.
    pub(crate) inside: Option<String>,
}

/// A header that belongs to a problem.
#[derive(Debug)]
enum Header {
    /// The methods that a route has.
    Allow(&'static str),
    /// How a client can show who it is. Browsers ask for a name and a password; the password is the
    /// token, the name is not looked at.
    Challenge,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, code, message, hint: None, place: None, header: None, inside: None }
    }

    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", message)
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub(crate) fn unauthorized() -> Self {
        let mut problem = Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "this server asks for a token")
            .with_hint("send the header `Authorization: Bearer TOKEN`");
        problem.header = Some(Header::Challenge);
        problem
    }

    pub(crate) fn method(allow: &'static str) -> Self {
        let mut problem = Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "not with this method")
            .with_hint(format!("use {allow}"));
        problem.header = Some(Header::Allow(allow));
        problem
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", format!("the body is longer than {limit} bytes"))
            .with_hint("send the rows in several requests")
    }

    pub(crate) fn too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "the body took too long to arrive")
    }

    pub(crate) fn media_type() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "the body must be JSON")
            .with_hint("send the header `Content-Type: application/json`")
    }

    pub(crate) fn not_ready(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", message)
    }

    /// A fault of the server's own; `inside` is for the log.
    pub(crate) fn fault(inside: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something failed here");
        problem.inside = Some(inside.into());
        problem
    }

    /// A fault that was logged under a number.
    pub(crate) fn numbered(number: u64) -> Self {
        let message = format!("something failed here; the server's log has it as fault {number}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }

    /// An error met while a request's body was read: the client's, whatever it is.
    pub(crate) fn reading(error: Error) -> Self {
        match error {
            Error::Arrow(_) => Self::invalid("a value cannot be read as the type of its column"),
            error => Self::of(error),
        }
    }

    /// An error met while a prediction was made: the client's where it is about its data.
    pub(crate) fn of(error: Error) -> Self {
        match error {
            Error::Column { column, row, message, hint } => {
                let place = row.map(|r| format!(", instances[{r}]")).unwrap_or_default();
                let problem = Self::invalid(format!("column `{column}`{place}: {message}"));
                Self { place: Some(Box::new((column, row))), hint, ..problem }
            }
            Error::Data { message, hint } => Self { hint, ..Self::invalid(message) },
            Error::Within { doing, source } => match Self::of(*source) {
                Self { inside: Some(inside), .. } => Self::fault(format!("{doing}: {inside}")),
                problem => problem,
            },
            other => Self::fault(other.to_string()),
        }
    }

    pub(crate) fn json(&self) -> Value {
        let mut error = Map::new();
        error.insert("code".into(), self.code.into());
        error.insert("message".into(), self.message.as_str().into());
        let (column, row) = match self.place.as_deref() {
            Some((column, row)) => (Some(column.as_str()), *row),
            None => (None, None),
        };
        let entries = [
            ("hint", self.hint.as_deref().map(Value::from)),
            ("column", column.map(Value::from)),
            ("row", row.map(Value::from)),
        ];
        error.extend(entries.into_iter().filter_map(|(key, value)| Some((key.to_string(), value?))));
        Value::Object(Map::from_iter([("error".to_string(), Value::Object(error))]))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.json().to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match self.header {
            Some(Header::Allow(methods)) => {
                headers.insert(header::ALLOW, HeaderValue::from_static(methods));
            }
            Some(Header::Challenge) => {
                let challenge = "Basic realm=\"arkwright\", Bearer realm=\"arkwright\"";
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
            }
            None => {}
        }
        // What is not told goes along to whoever writes the log.
        if let Some(inside) = self.inside {
            response.extensions_mut().insert(Inside(inside));
        }
        response
    }
}

/// What a client is not told, on its way to the log.
#[derive(Clone, Debug)]
pub(crate) struct Inside(pub(crate) String);
