//! What can go wrong, where, and what to do about it.

use crate::{Field, Span};

/// The result of anything in the core.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error that says what was wrong, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system file, or the settings of an estimator, are wrong.
    #[error("{message}")]
    Setting {
        /// What is wrong.
        message: String,
        /// Where in the file; `None` for settings that came from code.
        span: Option<Span>,
        /// What to do.
        hint: Option<String>,
    },
    /// A column cannot be used as asked.
    #[error("column `{column}`{}: {message}", .row.map(|r| format!(", row {}", r + 1)).unwrap_or_default())]
    Column {
        /// The column's name.
        column: String,
        /// The first offending row, counted from 0.
        row: Option<u64>,
        /// What is wrong.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// The data as a whole cannot be used as asked.
    #[error("{message}")]
    Data {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A saved model is damaged, or of a kind this program does not know.
    #[error("the saved model cannot be read: {0}")]
    Saved(String),
    /// The computation was stopped from outside before it had anything to keep.
    #[error("stopped")]
    Stopped,
    /// More memory is needed than allowed.
    #[error("{what} needs about {needed} bytes of memory, and {allowed} are allowed")]
    Memory {
        /// What needs it.
        what: String,
        /// Bytes needed.
        needed: u64,
        /// Bytes allowed.
        allowed: u64,
    },
    /// Reading or writing failed.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done, with the path.
        doing: String,
        /// The system's own word.
        source: std::io::Error,
    },
    /// An error of Arrow's: a kernel refused its input.
    #[error("arrow: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
    /// What failed while doing something larger.
    #[error("{doing}: {source}")]
    Within {
        /// The larger thing, such as a step's name.
        doing: String,
        /// What failed.
        source: Box<Error>,
    },
}

impl Error {
    /// A wrong setting that came from code, or whose place is filled in by the caller.
    pub fn setting(message: impl Into<String>) -> Self {
        Self::Setting { message: message.into(), span: None, hint: None }
    }

    /// A wrong setting at a place in the file.
    pub fn setting_at(span: Span, message: impl Into<String>) -> Self {
        Self::Setting { message: message.into(), span: Some(span), hint: None }
    }

    /// A column that cannot be used.
    pub fn column(column: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Column { column: column.into(), row: None, message: message.into(), hint: None }
    }

    /// A value in a row (counted from 0) of a column that cannot be used.
    pub fn cell(column: impl Into<String>, row: u64, message: impl Into<String>) -> Self {
        Self::Column { column: column.into(), row: Some(row), message: message.into(), hint: None }
    }

    /// Data that cannot be used.
    pub fn data(message: impl Into<String>) -> Self {
        Self::Data { message: message.into(), hint: None }
    }

    /// The same error, with a hint on what to do where the kind carries one.
    #[must_use]
    pub fn with_hint(mut self, text: impl Into<String>) -> Self {
        if let Self::Setting { hint, .. } | Self::Column { hint, .. } | Self::Data { hint, .. } = &mut self {
            *hint = Some(text.into());
        }
        self
    }

    /// The same error, with the nearest of `known` to `word` as its hint, where one is near.
    #[must_use]
    pub fn nearest<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(word, known) {
            Some(near) => self.with_hint(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    /// As [`Error::nearest`] among the names of columns, which are listed where none is near.
    #[must_use]
    pub fn nearest_column(self, word: &str, fields: &[Field]) -> Self {
        const LISTED: usize = 20;
        let names = || fields.iter().map(|f| f.name.as_str());
        let listed = names().take(LISTED).collect::<Vec<_>>().join(", ");
        self.with_hint(format!("the columns are {listed}")).nearest(word, names())
    }

    /// The same error, with a place in the file where it has none yet.
    #[must_use]
    pub fn at(self, place: Span) -> Self {
        self.at_place(Some(place))
    }

    /// As [`Error::at`], where the place may be unknown.
    #[must_use]
    pub fn at_place(mut self, place: Option<Span>) -> Self {
        if let Self::Setting { span, .. } = &mut self {
            *span = span.or(place);
        }
        self
    }

    /// The same error, told as part of something larger.
    #[must_use]
    pub fn within(self, doing: impl Into<String>) -> Self {
        match self {
            // A place in the file says more than the path that led there, and a stop is a stop.
            Self::Setting { .. } | Self::Stopped => self,
            other => Self::Within { doing: doing.into(), source: Box::new(other) },
        }
    }

    /// What to do about it, if anything is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Setting { hint, .. } | Self::Column { hint, .. } | Self::Data { hint, .. } => hint.clone(),
            Self::Memory { .. } => {
                Some("allow more with --memory, or choose an estimator that learns in passes".into())
            }
            Self::Within { source, .. } => source.hint(),
            _ => None,
        }
    }

    /// Where in the file, if known.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Setting { span, .. } => *span,
            Self::Within { source, .. } => source.span(),
            _ => None,
        }
    }

    /// Whether the computation was stopped from outside, rather than failed.
    pub fn is_stop(&self) -> bool {
        match self {
            Self::Stopped => true,
            Self::Within { source, .. } => source.is_stop(),
            _ => false,
        }
    }
}

/// The nearest of `known` to `word`, if one is near enough to be what was meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).max(1) + 1;
    known
        .into_iter()
        .map(|k| (strsim::damerau_levenshtein(&word.to_lowercase(), &k.to_lowercase()), k))
        .filter(|(distance, k)| *distance <= allowed && *distance < k.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, k)| k)
}
