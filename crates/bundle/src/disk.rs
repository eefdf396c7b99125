//! A bundle as a folder: `manifest.json`, which people can read, and `arrays.safetensors`.
//!
//! The folder is written beside its place under another name, forced to the disk, and renamed: at its
//! place there is a whole bundle or none. The same bundle is the same bytes.

use crate::Bundle;
use crate::codec::{Tree, check_version, read_json, write_arrays, write_json};
use arkwright_core::{Error, Hash, Model, Parts, Registry, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

/// The file that names all others.
pub const MANIFEST: &str = "manifest.json";

/// The file of all fitted numbers.
pub const ARRAYS: &str = "arrays.safetensors";

/// The version of the folder's form; what a program of this version writes, and the newest it reads.
pub const BUNDLE_VERSION: u32 = 1;

/// The largest manifest that is read.
const MAX_MANIFEST: u64 = 256 << 20;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    bundle: u32,
    hash: Hash,
    files: BTreeMap<String, Checksum>,
    parts: Tree,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Checksum {
    bytes: u64,
    blake3: Hash,
}

/// The one thing that every version's manifest has.
#[derive(Deserialize)]
struct Version {
    bundle: u64,
}

impl Bundle {
    /// Saves the bundle as a folder; one that is there already is replaced as a whole.
    ///
    /// # Errors
    /// When a model cannot be saved, or writing fails: nothing is left behind then, and what was there
    /// is untouched.
    pub fn save_to(&self, folder: &Path) -> Result<()> {
        write_folder(folder, &self.files()?)
    }

    /// The files of the folder by name: for a store that keeps them elsewhere.
    ///
    /// # Errors
    /// When a model cannot be saved.
    pub fn files(&self) -> Result<BTreeMap<String, Vec<u8>>> {
        let parts = Model::save(self)?;
        let arrays = write_arrays(&parts)?;
        let checksum = Checksum { bytes: arrays.len() as u64, blake3: Hash::of(&arrays) };
        let manifest = Manifest {
            bundle: BUNDLE_VERSION,
            hash: parts.hash(),
            files: BTreeMap::from([(ARRAYS.to_string(), checksum)]),
            parts: Tree::of(&parts, 0)?,
        };
        Ok(BTreeMap::from([(MANIFEST.to_string(), write_json(&manifest)?), (ARRAYS.to_string(), arrays)]))
    }

    /// Loads a bundle from its folder.
    ///
    /// # Errors
    /// When a file is missing, cut short or changed, was written by a newer program, or holds a model of
    /// a format that the registry does not know.
    pub fn load(folder: &Path, registry: &Registry) -> Result<Self> {
        read_folder(folder)
            .and_then(|parts| Self::from_parts(&parts, registry))
            .map_err(|e| e.within(format!("the bundle {}", folder.display())))
    }

    /// Loads a bundle from the files that [`Bundle::files`] gave.
    ///
    /// # Errors
    /// As [`Bundle::load`].
    pub fn from_files(files: &BTreeMap<String, Vec<u8>>, registry: &Registry) -> Result<Self> {
        let file = |name: &str| files.get(name).ok_or_else(|| Error::Saved(format!("`{name}` is missing")));
        let manifest = Manifest::read(file(MANIFEST)?)?;
        let arrays = file(ARRAYS)?;
        Self::from_parts(&manifest.parts(arrays)?, registry)
    }
}

impl Manifest {
    fn read(bytes: &[u8]) -> Result<Self> {
        let version: Version = read_json(bytes)?;
        check_version(version.bundle)?;
        let manifest: Self = read_json(bytes)?;
        match manifest.files.len() == 1 && manifest.files.contains_key(ARRAYS) {
            true => Ok(manifest),
            false => Err(Error::Saved(format!("its manifest does not name `{ARRAYS}`, and that alone"))),
        }
    }

    fn parts(self, arrays: &[u8]) -> Result<Parts> {
        match self.files.get(ARRAYS) {
            Some(checksum) if checksum.blake3 == Hash::of(arrays) => self.parts.with_arrays(arrays, &self.hash),
            _ => Err(Error::Saved(format!("`{ARRAYS}` is not what was saved: it was changed or damaged"))),
        }
    }
}

fn read_folder(folder: &Path) -> Result<Parts> {
    let manifest = Manifest::read(&read_file(&folder.join(MANIFEST), None)?)?;
    let size = manifest.files.get(ARRAYS).map(|c| c.bytes);
    let arrays = read_file(&folder.join(ARRAYS), size)?;
    manifest.parts(&arrays)
}

/// Reads a whole file of a known size, or one up to the limit of a manifest.
fn read_file(path: &Path, expected: Option<u64>) -> Result<Vec<u8>> {
    let doing = |source| Error::Io { doing: format!("reading {}", path.display()), source };
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let file = File::open(path).map_err(doing)?;
    let size = file.metadata().map_err(doing)?.len();
    match expected {
        Some(expected) if expected != size => {
            return Err(Error::Saved(format!("`{name}` has {size} bytes where {expected} were saved")));
        }
        None if size > MAX_MANIFEST => return Err(Error::Saved(format!("`{name}` is too large: {size} bytes"))),
        _ => {}
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    // A file that grows while it is read is not read for ever.
    file.take(size + 1).read_to_end(&mut bytes).map_err(doing)?;
    if bytes.len() as u64 != size {
        return Err(Error::Saved(format!("`{name}` changed while it was read")));
    }
    Ok(bytes)
}

fn write_folder(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let doing = |source| Error::Io { doing: format!("writing {}", folder.display()), source };
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(doing)?;
    let beside = |prefix| tempfile::Builder::new().prefix(prefix).tempdir_in(parent).map_err(doing);
    let new = beside(".bundle-")?;
    for (name, bytes) in files {
        let mut file = File::create_new(new.path().join(name)).map_err(doing)?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(doing)?;
    }
    open_to_others(new.path()).map_err(doing)?;
    sync_folder(new.path()).map_err(doing)?;
    // A folder cannot be renamed onto another: what was there steps aside, and back if it must.
    let old = if folder.exists() { Some(beside(".bundle-")?) } else { None };
    let aside = old.as_ref().map(|old| old.path().join("old"));
    if let Some(aside) = &aside {
        fs::rename(folder, aside).map_err(doing)?;
    }
    if let Err(source) = fs::rename(new.path(), folder) {
        if let Some(aside) = &aside {
            fs::rename(aside, folder).map_err(doing)?;
        }
        return Err(doing(source));
    }
    // It has moved: nothing is left for the guard to remove.
    let _ = new.keep();
    sync_folder(parent).map_err(doing)
}

/// Temporary folders are for their owner alone; a bundle is as readable as any new folder.
#[cfg(unix)]
fn open_to_others(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn open_to_others(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Forces a folder's entries to the disk, where the system can.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()),
    }
}
