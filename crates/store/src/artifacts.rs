//! Bytes under the hash of their content.
//!
//! A file is written under another name, forced to the disk and renamed, so that under a hash there is
//! all of it or nothing. Reading checks the content. A folder is a list of names and hashes, itself kept.

use crate::error::{Error, Result};
use arkwright_core::Hash;
use futures::TryStreamExt;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// Where bytes are kept.
pub(crate) enum Artifacts {
    Folder(Folder),
    Objects(Objects),
}

/// Something kept, as `clean` sees it.
pub(crate) struct Kept {
    pub hash: Option<Hash>,
    pub bytes: u64,
    pub changed: SystemTime,
    pub place: String,
}

impl Artifacts {
    pub fn folder(path: &Path) -> Self {
        Self::Folder(Folder::new(path))
    }

    pub fn objects(url: &str) -> Result<Self> {
        let no = || Error::Place("the artifacts' URL names no object store that this program knows".into());
        let url: url::Url = url.parse().map_err(|_| no())?;
        let (store, prefix) = object_store::parse_url(&url).map_err(|_| no())?;
        Ok(Self::Objects(Objects { store: Arc::from(store), prefix }))
    }
}

/// A folder of files named by a hash: `ab/cdef...`. It is made when something is written into it.
#[derive(Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub fn new(path: &Path) -> Self {
        Self(path.to_path_buf())
    }

    pub fn path(&self, hash: &Hash) -> PathBuf {
        let name = hash.to_string();
        self.0.join(&name[..2]).join(&name[2..])
    }

    /// Keeps bytes under their hash. What is there already is looked at first: a damaged file is replaced.
    pub fn put(&self, hash: &Hash, bytes: &[u8]) -> Result<()> {
        let path = self.path(hash);
        let whole =
            File::options().write(true).open(&path).ok().filter(|_| fs::read(&path).is_ok_and(|there| there == bytes));
        if let Some(file) = whole {
            // It counts as new, so that nobody who cleans takes it for forgotten.
            return file.set_modified(SystemTime::now()).map_err(Error::io("writing", path));
        }
        self.write(&path, bytes)
    }

    /// Writes a file as a whole, in place of one that may be there.
    pub fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let temporary = self.0.join(TEMPORARY);
        let folder = path.parent().unwrap_or(&self.0);
        let write = || {
            fs::create_dir_all(&temporary)?;
            fs::create_dir_all(folder)?;
            let mut file = tempfile::NamedTempFile::new_in(&temporary)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(|e| e.error)?;
            match cfg!(unix) {
                true => File::open(folder)?.sync_all(),
                false => Ok(()),
            }
        };
        write().map_err(Error::io("writing", path))
    }

    pub fn get(&self, hash: &Hash) -> Result<Vec<u8>> {
        let path = self.path(hash);
        fs::read(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => Error::no_artifact(hash),
            _ => Error::Io { doing: "reading", path, source },
        })
    }

    /// The size of what is kept under a hash; `None` where nothing is.
    pub fn size(&self, hash: &Hash) -> Option<u64> {
        fs::metadata(self.path(hash)).ok().map(|about| about.len())
    }

    /// Everything in the folder; what has no hash for a name was left by a process that died.
    pub fn list(&self) -> Result<Vec<Kept>> {
        let mut all = Vec::new();
        for folder in entries(&self.0)? {
            for file in entries(&folder)? {
                let Some(about) = fs::metadata(&file).ok().filter(fs::Metadata::is_file) else { continue };
                let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let changed = about.modified().map_err(Error::io("reading", &file))?;
                let hash = Hash::parse(&(name(&folder) + &name(&file)));
                all.push(Kept { hash, bytes: about.len(), changed, place: file.to_string_lossy().into_owned() });
            }
        }
        all.sort_by(|a, b| a.place.cmp(&b.place));
        Ok(all)
    }
}

const TEMPORARY: &str = "unfinished";

/// The paths in a folder; none where it is no folder, or went away.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => {
            let paths = entries.map(|e| e.map(|e| e.path())).collect::<std::io::Result<_>>();
            paths.map_err(Error::io("reading", folder))
        }
        Err(_) => Ok(Vec::new()),
    }
}

/// A place in an object store.
#[derive(Clone)]
pub(crate) struct Objects {
    store: Arc<dyn ObjectStore>,
    prefix: Key,
}

impl Objects {
    fn key(&self, hash: &Hash) -> Key {
        let name = hash.to_string();
        self.prefix.clone().join(&name[..2]).join(&name[2..])
    }

    pub async fn put(&self, hash: &Hash, bytes: Vec<u8>) -> Result<()> {
        let put = self.store.put(&self.key(hash), bytes.into()).await;
        put.map(|_| ()).map_err(|source| Error::Objects { doing: "writing an artifact", source })
    }

    pub async fn get(&self, hash: &Hash) -> Result<Vec<u8>> {
        let no = |source| match source {
            object_store::Error::NotFound { .. } => Error::no_artifact(hash),
            source => Error::Objects { doing: "reading an artifact", source },
        };
        Ok(self.store.get(&self.key(hash)).await.map_err(no)?.bytes().await.map_err(no)?.to_vec())
    }

    pub async fn size(&self, hash: &Hash) -> Result<Option<u64>> {
        match self.store.head(&self.key(hash)).await {
            Ok(about) => Ok(Some(about.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(Error::Objects { doing: "asking for an artifact", source }),
        }
    }

    pub async fn list(&self) -> Result<Vec<Kept>> {
        let no = |source| Error::Objects { doing: "listing the artifacts", source };
        let mut all: Vec<Kept> = self
            .store
            .list(Some(&self.prefix))
            .map_ok(|object| {
                let parts: Vec<_> = object.location.parts().collect();
                let name: String = parts.iter().rev().take(2).rev().map(|p| p.as_ref()).collect();
                Kept {
                    hash: Hash::parse(&name),
                    bytes: object.size,
                    changed: object.last_modified.into(),
                    place: object.location.to_string(),
                }
            })
            .try_collect()
            .await
            .map_err(no)?;
        all.sort_by(|a, b| a.place.cmp(&b.place));
        Ok(all)
    }

    pub async fn delete(&self, place: &str) -> Result<()> {
        match self.store.delete(&Key::from(place)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(Error::Objects { doing: "deleting an artifact", source }),
        }
    }
}

/// The files of a folder.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct List {
    arkwright: String,
    /// Their hashes.
    pub files: BTreeMap<String, Hash>,
    /// Their sizes; a list that an older program wrote has none.
    #[serde(default)]
    pub bytes: BTreeMap<String, u64>,
}

const LIST: &str = "folder";

/// The content of a folder's list.
pub(crate) fn write_list(files: BTreeMap<String, Hash>, bytes: BTreeMap<String, u64>) -> Vec<u8> {
    serde_json::to_vec(&List { arkwright: LIST.into(), files, bytes }).unwrap_or_default()
}

/// A folder's list; `None` where the bytes are no such list.
pub(crate) fn read_list(bytes: &[u8]) -> Option<List> {
    if !bytes.starts_with(b"{\"arkwright\":\"folder\"") {
        return None;
    }
    let list: List = serde_json::from_slice(bytes).ok()?;
    list.files.keys().all(|name| check_file_name(name).is_ok()).then_some(list)
}

/// Refuses names that would lead out of their folder.
pub(crate) fn check_file_name(name: &str) -> Result<()> {
    let plain = !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\', '\0', ':']);
    match plain {
        true => Ok(()),
        false => Err(Error::Name { what: format!("`{name}` is not the name of a file in a folder"), hint: None }),
    }
}
