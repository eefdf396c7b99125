//! Errors as Python raises them: what was wrong, where, and what to do, in one message.

use arkwright_core::Error;
use arkwright_flow::Failed;
use pyo3::PyErr;
use pyo3::exceptions::{PyKeyboardInterrupt, PyMemoryError, PyOSError, PyValueError};

/// An error of a room, as the exception that a Python user expects.
pub fn raised(error: Error) -> PyErr {
    let message = told(&error);
    match innermost(&error) {
        Error::Stopped => PyKeyboardInterrupt::new_err("stopped"),
        Error::Memory { .. } => PyMemoryError::new_err(message),
        Error::Io { .. } => PyOSError::new_err(message),
        _ => PyValueError::new_err(message),
    }
}

/// An error of a system, with its place in the file.
pub fn of_system(failed: Failed) -> PyErr {
    let place = failed.file.as_ref().zip(failed.error.span()).map(|((name, text), span)| {
        let before = text.get(..span.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        format!("{name}, line {line}, column {column}: ")
    });
    match place {
        Some(place) => PyValueError::new_err(format!("{place}{}", told(&failed.error))),
        None => raised(failed.error),
    }
}

fn told(error: &Error) -> String {
    match error.hint() {
        Some(hint) => format!("{error} ({hint})"),
        None => error.to_string(),
    }
}

fn innermost(error: &Error) -> &Error {
    match error {
        Error::Within { source, .. } => innermost(source),
        error => error,
    }
}
