//! The memory of fits: fitted parts under the names of their fits.
//!
//! It is plain files, written whole and renamed, so that worker threads use it without waiting for
//! anybody, and several processes share it. A damaged entry is no entry; one that cannot be written is
//! not there. A file begins with its own length, so that one cut short is known without reading it:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `ARKMEMO1` |
//! | 8 | length of the whole file, little-endian |
//! | | what is remembered, as [`arkwright_bundle::encode`] writes it |

use crate::artifacts::Folder;
use arkwright_bundle::{decode, encode};
use arkwright_core::{Hash, Json, Memo, Parts, Remembered};
use serde_json::json;
use std::fs;
use std::io::Read;
use std::path::Path;

/// The memory of fits in a folder. Cheap to clone.
#[derive(Clone)]
pub struct StoreMemo(Folder);

const FORMAT: &str = "remembered";
const MAGIC: &[u8; 8] = b"ARKMEMO1";
const HEAD: usize = 16;

impl StoreMemo {
    /// The memory in that folder, made when something is kept in it.
    pub fn new(path: &Path) -> Self {
        Self(Folder::new(path))
    }

    /// The length that an entry's file says it has, if it says one, and the length that it has; `None` where
    /// there is no file.
    fn lengths(&self, key: &Hash) -> Option<(Option<u64>, u64)> {
        let mut file = fs::File::open(self.0.path(key)).ok()?;
        let there = file.metadata().ok()?.len();
        let mut head = [0; HEAD];
        let said = file.read_exact(&mut head).ok().and_then(|()| length(&head));
        Some((said, there))
    }
}

impl Memo for StoreMemo {
    fn get(&self, key: &Hash) -> Option<Remembered> {
        let kept = read(&self.0.get(key).ok()?, key);
        if kept.is_none() {
            // What is damaged is no entry, and is not to look like one to the next plan.
            let _ = fs::remove_file(self.0.path(key));
        }
        kept
    }

    fn has(&self, key: &Hash) -> bool {
        self.lengths(key).is_some_and(|(said, there)| said == Some(there))
    }

    fn is_damaged(&self, key: &Hash) -> bool {
        let cut = |(said, there): (Option<u64>, u64)| said.map_or(there < HEAD as u64, |said| said != there);
        self.lengths(key).is_some_and(cut)
    }

    fn put(&self, key: &Hash, result: &Remembered) {
        let mut kept = Parts::new(FORMAT);
        kept.json = json!({ "key": key, "notes": result.notes });
        kept.children.extend(result.parts.clone().map(|parts| ("parts".to_string(), parts)));
        if let Ok(content) = encode(&kept) {
            let length = (HEAD + content.len()) as u64;
            let bytes = [MAGIC.as_slice(), &length.to_le_bytes(), &content].concat();
            // Failing to keep it is told to nobody; half of it is never there.
            let _ = self.0.write(&self.0.path(key), &bytes);
        }
    }
}

/// What an entry's file holds, if it is whole and the entry of that key.
fn read(bytes: &[u8], key: &Hash) -> Option<Remembered> {
    let (head, content) = bytes.split_at_checked(HEAD)?;
    if length(head)? != bytes.len() as u64 {
        return None;
    }
    let mut kept = decode(content).ok()?;
    if kept.format != FORMAT || kept.version != 1 || kept.json.get("key")?.as_str()? != key.to_string() {
        return None;
    }
    let notes = kept.json.get_mut("notes").map(Json::take)?;
    Some(Remembered { parts: kept.children.remove("parts"), notes })
}

/// The length of a file that begins so; `None` where it is no entry's, or that of a program that told none.
fn length(head: &[u8]) -> Option<u64> {
    let length = head.strip_prefix(MAGIC)?;
    Some(u64::from_le_bytes(length.try_into().ok()?))
}

/// Removes a file that may be gone already.
pub(crate) fn forget(path: &str) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
