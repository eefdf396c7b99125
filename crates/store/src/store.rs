//! The store as the rooms below hold it.

use crate::alive::Alive;
use crate::artifacts::{Artifacts, List, check_file_name, read_list, write_list};
use crate::database::Database;
use crate::error::{Error, Result};
use crate::memo::StoreMemo;
use arkwright_bundle::Bundle;
use arkwright_core::{Hash, Json, Registry};
use std::collections::BTreeMap;
use std::future::Future;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// The folder that holds a project's store.
pub const FOLDER: &str = ".arkwright";

/// The file of the database, within a store that is a folder.
const DATABASE: &str = "arkwright.db";

/// Runs, artifacts, the registry of models, lineage and the memory of fits. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub database: Database,
    pub artifacts: Artifacts,
    pub memo: Option<PathBuf>,
    pub alive: Alive,
    runtime: Option<Runtime>,
    /// The folder of what is there only to be looked at, gone with its last user.
    pub looks: Option<TempDir>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            let pool = self.database.pool.clone();
            // Closing folds SQLite's log into its file, so that the folder can be copied.
            let _ = wait(&runtime, async move {
                pool.close().await;
                Ok(())
            });
            runtime.shutdown_background();
        }
    }
}

impl Store {
    /// Opens the store in a folder, or the one of a PostgreSQL server by its URL (`postgres://...`).
    /// What is not there yet is made. `artifacts` says where bytes are kept: a folder or the URL of an
    /// object store; by default they are in the folder.
    ///
    /// # Errors
    /// When the place cannot be used, a newer program wrote the store, or a server is given without a
    /// place for the artifacts.
    pub fn open(place: &str, artifacts: Option<&str>) -> Result<Self> {
        Self::open_in(place, artifacts, None)
    }

    /// A store for those who only look. A folder that is not there is not made; of one that cannot be written
    /// to, on a disk mounted to be read or of another user's, the database is copied and the copy opened, since
    /// SQLite writes even to look. Both are gone with their last user.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn to_read(place: &str, artifacts: Option<&str>) -> Result<Self> {
        let is_missing = |place: &str| !place.contains("://") && !Path::new(place).exists();
        let mut is_sealed = false;
        if !is_missing(place) && !artifacts.is_some_and(is_missing) {
            match Self::open(place, artifacts) {
                Err(Error::Io { source, .. }) if sealed(&source) => is_sealed = true,
                opened => return opened,
            }
        }
        let folder = tempfile::tempdir().map_err(Error::io("making", std::env::temp_dir()))?;
        let copy = copy_in(&folder);
        if is_sealed {
            copy_database(Path::new(place), &copy)?;
        }
        let copy = copy.to_string_lossy();
        let there = |place| if is_missing(place) { copy.as_ref() } else { place };
        Self::open_in(there(place), artifacts.map(there), Some(folder))
    }

    fn open_in(place: &str, artifacts: Option<&str>, looks: Option<TempDir>) -> Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("store").enable_all().build();
        let runtime = runtime.map_err(Error::io("starting a thread for", place))?;
        let is_server = place.starts_with("postgres://") || place.starts_with("postgresql://");
        if !is_server && place.contains("://") {
            return Err(Error::Place("a store is a folder or a postgres:// URL".into()));
        }
        // Where a folder is known, both the artifacts and the memory of fits lie in it.
        let home = match (artifacts, is_server) {
            (_, false) => Some(Path::new(place)),
            (Some(folder), true) if !folder.contains("://") => Some(Path::new(folder)),
            _ => None,
        };
        let memo = home.map(|home| home.join("memo"));
        let artifacts = match (artifacts, home) {
            (Some(url), _) if url.contains("://") => Artifacts::objects(url)?,
            (Some(folder), _) => Artifacts::folder(&Path::new(folder).join("artifacts")),
            (None, Some(home)) => Artifacts::folder(&home.join("artifacts")),
            (None, None) => {
                return Err(Error::Place("a PostgreSQL store needs a folder or a URL for its artifacts".into()));
            }
        };
        let folder = looks.as_ref().map_or(PathBuf::from(place), copy_in);
        let url = place.to_string();
        let database = wait(&runtime, async move {
            match is_server {
                true => Database::server(&url).await,
                false => {
                    std::fs::create_dir_all(&folder).map_err(Error::io("making", &folder))?;
                    // SQLite says that it cannot open the file, and not why.
                    Database::file(&folder.join(DATABASE)).await.map_err(|error| match refused(&folder) {
                        Some(why) => Error::io("writing to the store's folder", &folder)(why),
                        None => error,
                    })
                }
            }
        })?;
        let alive = if is_server { Alive::session() } else { Alive::files(&Path::new(place).join("running")) };
        let inner = Inner { database, artifacts, memo, alive, runtime: Some(runtime), looks };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Keeps the memory of fits in a folder of this machine where the store itself has none: a server with
    /// an object store. It is a cache: nothing is lost with it.
    #[must_use]
    pub fn with_home(mut self, folder: &Path) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.memo.get_or_insert_with(|| folder.join("memo"));
        }
        self
    }

    /// The memory of fits, for [`arkwright_core::Context::with_memo`]; `None` where the store has no
    /// folder to keep it in.
    pub fn memo(&self) -> Option<StoreMemo> {
        self.inner.memo.as_deref().map(StoreMemo::new)
    }

    /// Runs a query to its end.
    pub(crate) fn block<T, F>(&self, work: impl FnOnce(Database) -> F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let runtime = self.inner.runtime.as_ref().ok_or(Error::Closed)?;
        wait(runtime, work(self.inner.database.clone())).map_err(|error| self.inner.database.told(error))
    }

    /// Keeps bytes under the hash of their content.
    ///
    /// # Errors
    /// When writing fails; nothing half written is ever found.
    pub fn put(&self, bytes: &[u8]) -> Result<Hash> {
        let hash = Hash::of(bytes);
        match &self.inner.artifacts {
            Artifacts::Folder(folder) => folder.put(&hash, bytes)?,
            Artifacts::Objects(objects) => {
                let (objects, bytes) = (objects.clone(), bytes.to_vec());
                self.block(move |_| async move { objects.put(&hash, bytes).await })?;
            }
        }
        Ok(hash)
    }

    /// The bytes of a hash, checked against it.
    ///
    /// # Errors
    /// When they are not there, or not what was put.
    pub fn get(&self, hash: &Hash) -> Result<Vec<u8>> {
        let bytes = match &self.inner.artifacts {
            Artifacts::Folder(folder) => folder.get(hash)?,
            Artifacts::Objects(objects) => {
                let (objects, hash) = (objects.clone(), *hash);
                self.block(move |_| async move { objects.get(&hash).await })?
            }
        };
        match Hash::of(&bytes) == *hash {
            true => Ok(bytes),
            false => Err(Error::Damaged(format!("the artifact {} is not what was stored", hash.short()))),
        }
    }

    /// Whether bytes of that hash are there; they may be damaged.
    ///
    /// # Errors
    /// When the place cannot be asked.
    pub fn has(&self, hash: &Hash) -> Result<bool> {
        Ok(self.size(hash)?.is_some())
    }

    fn size(&self, hash: &Hash) -> Result<Option<u64>> {
        match &self.inner.artifacts {
            Artifacts::Folder(folder) => Ok(folder.size(hash)),
            Artifacts::Objects(objects) => {
                let (objects, hash) = (objects.clone(), *hash);
                self.block(move |_| async move { objects.size(&hash).await })
            }
        }
    }

    /// Keeps files under one hash: each by its content, and a list of them.
    ///
    /// # Errors
    /// When a name is not that of a plain file; as [`Store::put`].
    pub fn put_folder(&self, files: &BTreeMap<String, Vec<u8>>) -> Result<Hash> {
        files.keys().try_for_each(|name| check_file_name(name))?;
        let hashes = files.iter().map(|(name, bytes)| Ok((name.clone(), self.put(bytes)?))).collect::<Result<_>>()?;
        let sizes = files.iter().map(|(name, bytes)| (name.clone(), bytes.len() as u64)).collect();
        self.put(&write_list(hashes, sizes))
    }

    /// The files of a hash that [`Store::put_folder`] gave.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub fn get_folder(&self, hash: &Hash) -> Result<BTreeMap<String, Vec<u8>>> {
        self.list(hash)?.files.into_iter().map(|(name, hash)| Ok((name, self.get(&hash)?))).collect()
    }

    fn list(&self, hash: &Hash) -> Result<List> {
        let list = read_list(&self.get(hash)?);
        list.ok_or_else(|| Error::Damaged(format!("the artifact {} is no folder", hash.short())))
    }

    /// Whether every file of a folder is there in its size. Their content is looked at when they are read.
    ///
    /// # Errors
    /// When the place cannot be asked.
    pub fn is_whole(&self, folder: &Hash) -> Result<bool> {
        let list = match self.list(folder) {
            Ok(list) => list,
            Err(Error::Missing { .. } | Error::Damaged(_)) => return Ok(false),
            Err(error) => return Err(error),
        };
        for (name, hash) in &list.files {
            let whole = match (self.size(hash)?, list.bytes.get(name)) {
                (Some(there), Some(said)) => there == *said,
                (there, None) => there.is_some(),
                (None, _) => false,
            };
            if !whole {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Keeps a JSON value.
    ///
    /// # Errors
    /// As [`Store::put`].
    pub fn put_json(&self, json: &Json) -> Result<Hash> {
        self.put(json.to_string().as_bytes())
    }

    /// The JSON value of a hash.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub fn get_json(&self, hash: &Hash) -> Result<Json> {
        let no = |e| Error::Damaged(format!("the artifact {} is no JSON: {e}", hash.short()));
        serde_json::from_slice(&self.get(hash)?).map_err(no)
    }

    /// Keeps a bundle.
    ///
    /// # Errors
    /// When a model cannot be saved; as [`Store::put`].
    pub fn put_bundle(&self, bundle: &Bundle) -> Result<Hash> {
        self.put_folder(&bundle.files()?)
    }

    /// The bundle of a hash that [`Store::put_bundle`] gave.
    ///
    /// # Errors
    /// As [`Store::get`] and [`Bundle::load`].
    pub fn get_bundle(&self, hash: &Hash, registry: &Registry) -> Result<Bundle> {
        Ok(Bundle::from_files(&self.get_folder(hash)?, registry)?)
    }
}

/// Where a store that is only looked at has its database.
fn copy_in(folder: &TempDir) -> PathBuf {
    folder.path().join("store")
}

/// Why nothing can be written to a folder that is there, if so.
fn refused(folder: &Path) -> Option<std::io::Error> {
    tempfile::tempfile_in(folder).err().filter(sealed)
}

/// Whether it is for good that a place cannot be written to.
fn sealed(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied)
}

/// Copies a store's database, with the log of what is not in its file yet.
fn copy_database(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).map_err(Error::io("making", to))?;
    for name in [DATABASE.to_string(), format!("{DATABASE}-wal")] {
        match std::fs::copy(from.join(&name), to.join(&name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Error::io("reading", from.join(name))(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Waits for work on the store's own thread: allowed anywhere, within a runtime or not.
fn wait<T: Send + 'static>(runtime: &Runtime, work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    let (tell, told) = std::sync::mpsc::sync_channel(1);
    runtime.spawn(async move {
        let _ = tell.send(work.await);
    });
    told.recv().map_err(|_| Error::Closed)?
}
