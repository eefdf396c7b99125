//! Files that are there whole or not at all.

use arkwright_core::{Error, Result};
use std::fs::{File, OpenOptions};
use std::path::Path;

/// Writes a file under another name beside its own, brings it to the disk, and renames it: whatever goes
/// wrong, what was there stays as it was. A link to a file is followed, so that the file is replaced, and not
/// the link. The file may be read by those who could read the old one, or else any new one. What is no
/// regular file (`/dev/stdout`, a pipe) is written to directly.
///
/// # Errors
/// What `write` fails with; when the system refuses (a full disk, a folder that is not there).
pub fn replace<T>(path: &Path, write: impl FnOnce(&File) -> Result<T>) -> Result<T> {
    let failed = |source| Error::Io { doing: format!("writing {}", path.display()), source };
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    if path.exists() && !path.is_file() {
        return write(&OpenOptions::new().write(true).open(path).map_err(failed)?);
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".writing-");
    #[cfg(unix)]
    {
        // What the user's mask leaves of it.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let temporary = builder.tempfile_in(folder).map_err(failed)?;
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
