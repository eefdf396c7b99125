//! What is damaged on disk is refused with a clear error, and never answers.

use crate::desk::Desk;
use std::fs;
use std::path::{Path, PathBuf};

/// Every file below a folder, the largest first.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort_by_key(|f| std::cmp::Reverse(fs::metadata(f).unwrap().len()));
    found
}

#[test]
fn a_bundle_cut_short_or_edited_is_refused() {
    let desk = Desk::small();
    desk.bundle();
    let predict = || desk.run(&["predict", "small", "penguins.csv"]);
    let whole = predict();
    assert_eq!(whole.code, Some(0));
    // Only a bundle has a manifest: the files beside it are its parts.
    let mut damaged = 0;
    for file in files(&desk.path().join(".arkwright")) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("arkwright.db") || name.contains("sqlite") || name.contains(".db") {
            continue;
        }
        let bytes = fs::read(&file).unwrap();
        let mut edited = bytes.clone();
        if let Some(byte) = edited.get_mut(bytes.len() / 2) {
            *byte ^= 1;
        }
        for wrong in [&bytes[..bytes.len() / 2], &edited, &[]] {
            fs::write(&file, wrong).unwrap();
            let said = predict();
            match said.code {
                // The file is no part of the bundle.
                Some(0) => assert_eq!(said.out, whole.out, "{name} changed the answers"),
                _ => {
                    said.failed(1, &[]);
                    damaged += 1;
                }
            }
        }
        fs::write(&file, bytes).unwrap();
    }
    assert!(damaged >= 3, "no damage was met");
    assert_eq!(predict().out, whole.out);
}
