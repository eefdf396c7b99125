//! What can go wrong in the store.

use arkwright_core::Hash;
use std::io::ErrorKind;
use std::path::PathBuf;

/// The result of anything in the store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store cannot be opened there.
    #[error("the store cannot be opened: {0}")]
    Place(String),
    /// The database refused.
    #[error("{doing}: {source}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// The database's own word.
        source: sqlx::Error,
    },
    /// The store's SQLite file is damaged.
    #[error("the store's database {} is damaged: {what}", .file.display())]
    Corrupt {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A newer program wrote the store.
    #[error("the store is of version {found}, and this program knows up to {known}")]
    Newer {
        /// The version found.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// Reading or writing a file failed.
    #[error("{doing} {}: {source}", .path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's own word.
        source: std::io::Error,
    },
    /// The object store refused.
    #[error("{doing}: {source}")]
    Objects {
        /// What was being done.
        doing: &'static str,
        /// The object store's own word.
        source: object_store::Error,
    },
    /// There is nothing of that name.
    #[error("{what}")]
    Missing {
        /// What is missing.
        what: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A stored thing is not what was stored.
    #[error("{0}")]
    Damaged(String),
    /// A name that cannot be.
    #[error("{what}")]
    Name {
        /// What is wrong with it.
        what: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A bundle could not be saved or loaded.
    #[error(transparent)]
    Bundle(#[from] arkwright_core::Error),
    /// A thread of the store ended before it answered.
    #[error("the store was closed")]
    Closed,
}

impl Error {
    /// What to do about it, if anything is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { hint, .. } | Self::Name { hint, .. } => hint.clone(),
            Self::Newer { .. } => Some("update this program".into()),
            Self::Corrupt { file, .. } => Some(format!(
                "bring a copy of it back; or move it away, with `{name}-wal` and `{name}-shm` beside it, and run the \
                 systems again: what was fitted is kept elsewhere and is registered anew",
                name = file.file_name().unwrap_or_default().to_string_lossy()
            )),
            Self::Io { source, .. } if source.kind() == ErrorKind::ReadOnlyFilesystem => {
                Some("the disk is mounted to be read only: name another place by `--store`".into())
            }
            Self::Damaged(_) => Some("run the system again: what is damaged is made anew".into()),
            Self::Bundle(error) => error.hint(),
            _ => None,
        }
    }

    pub(crate) fn missing(what: impl Into<String>) -> Self {
        Self::Missing { what: what.into(), hint: None }
    }

    pub(crate) fn with_hint(mut self, text: impl Into<String>) -> Self {
        if let Self::Missing { hint, .. } | Self::Name { hint, .. } = &mut self {
            *hint = Some(text.into());
        }
        self
    }

    pub(crate) fn no_artifact(hash: &Hash) -> Self {
        Self::missing(format!("the artifact {} is not in the store", hash.short()))
            .with_hint("run the system again: it is made anew")
    }

    /// For use with `map_err`.
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }

    /// For use with `map_err`.
    pub(crate) fn database(doing: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Database { doing, source }
    }
}

impl From<Error> for arkwright_core::Error {
    fn from(error: Error) -> Self {
        let hint = error.hint();
        match error {
            Error::Bundle(inner) => inner,
            Error::Io { doing, path, source } => Self::Io { doing: format!("{doing} {}", path.display()), source },
            other => Self::Data { message: other.to_string(), hint },
        }
    }
}
