//! The memory of fits: fitted parts under the names of their fits.
//!
//! It is plain files, written whole and renamed, so that worker threads use it without waiting for
//! anybody, and several processes share it. A damaged entry is no entry; one that cannot be written is
//! not there.

use crate::artifacts::Folder;
use arkwright_bundle::{decode, encode};
use arkwright_core::{Hash, Json, Memo, Parts, Remembered};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// The memory of fits in a folder. Cheap to clone.
#[derive(Clone)]
pub struct StoreMemo {
    folder: Option<Folder>,
    path: PathBuf,
}

const FORMAT: &str = "remembered";

impl StoreMemo {
    /// The memory in that folder, made if it is not there.
    pub fn new(path: &Path) -> Self {
        Self { folder: Folder::new(path).ok(), path: path.to_path_buf() }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Memo for StoreMemo {
    fn get(&self, key: &Hash) -> Option<Remembered> {
        let folder = self.folder.as_ref()?;
        let Ok(mut kept) = decode(&folder.get(key).ok()?) else {
            // What is damaged is no entry, and is not to look like one to the next plan.
            let _ = fs::remove_file(folder.path(key));
            return None;
        };
        if kept.format != FORMAT || kept.version != 1 || kept.json.get("key")?.as_str()? != key.to_string() {
            return None;
        }
        let notes = kept.json.get_mut("notes").map(Json::take)?;
        Some(Remembered { parts: kept.children.remove("parts"), notes })
    }

    fn has(&self, key: &Hash) -> bool {
        self.folder.as_ref().is_some_and(|folder| folder.path(key).exists())
    }

    fn put(&self, key: &Hash, result: &Remembered) {
        let Some(folder) = &self.folder else { return };
        let mut kept = Parts::new(FORMAT);
        kept.json = json!({ "key": key, "notes": result.notes });
        kept.children.extend(result.parts.clone().map(|parts| ("parts".to_string(), parts)));
        if let Ok(bytes) = encode(&kept) {
            // Failing to keep it is told to nobody; half of it is never there.
            let _ = folder.write(&folder.path(key), &bytes);
        }
    }
}

/// Removes a file that may be gone already.
pub(crate) fn forget(path: &str) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
