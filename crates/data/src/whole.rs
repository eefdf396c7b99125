//! Files that are there whole or not at all.

use arkwright_core::{Error, Result};
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

/// Writes a file under another name beside its own, brings it to the disk, and renames it: whatever goes
/// wrong, what was there stays as it was. A link is followed, also to a file that is not there yet, so that the
/// file is written, and the link stays. The file may be read by those who could read the old one, or else any new one. What is no
/// regular file (`/dev/stdout`, a pipe) is written to directly.
///
/// # Errors
/// What `write` fails with; when the system refuses (a full disk, a folder that is not there).
pub fn replace<T>(path: &Path, write: impl FnOnce(&File) -> Result<T>) -> Result<T> {
    let failed = |source| Error::Io { doing: format!("writing {}", path.display()), source };
    let path = &followed(path).map_err(failed)?;
    if path.exists() && !path.is_file() {
        return write(&OpenOptions::new().write(true).open(path).map_err(failed)?);
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        let missing = format!("there is no folder `{}`", folder.display());
        return Err(failed(std::io::Error::new(std::io::ErrorKind::NotFound, missing)));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".writing-");
    #[cfg(unix)]
    {
        // What the user's mask leaves of it.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    // The error names the temporary file, which says nothing to anyone: what kind it is is enough.
    let temporary = builder.tempfile_in(folder).map_err(|e| failed(e.kind().into()))?;
    if let Ok(old) = path.metadata() {
        // Before there is anything to read. Not every file system has permissions to keep.
        let _ = temporary.as_file().set_permissions(old.permissions());
    }
    let written = write(temporary.as_file())?;
    temporary.as_file().sync_all().map_err(failed)?;
    temporary.persist(path).map_err(|e| failed(e.error))?;
    if let Ok(folder) = File::open(folder) {
        // The rename itself; not every system can.
        let _ = folder.sync_all();
    }
    Ok(written)
}

/// Links that are followed, at most.
const LINKS: usize = 40;

/// Where a path leads.
fn followed(path: &Path) -> std::io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    for _ in 0..LINKS {
        match std::fs::read_link(&path) {
            Ok(to) => path = path.parent().unwrap_or(Path::new("")).join(to),
            Err(_) => return Ok(path),
        }
    }
    Err(std::io::Error::other("its links lead to no file"))
}
