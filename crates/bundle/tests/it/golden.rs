use crate::models::{BODY, bundle, registry};
use arkwright_bundle::golden;
use std::fs;
use std::path::Path;

/// To add one: `golden::record` into a folder of its own. None is ever changed or removed.
#[test]
fn every_bundle_ever_written_still_answers_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1");
    assert!(golden::check_all(&root, &registry()).unwrap() >= 1);
}

#[test]
fn a_golden_bundle_that_answers_otherwise_fails() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("tiny");
    golden::record(&folder, &bundle(), BODY.as_bytes()).unwrap();
    golden::check(&folder, &registry()).unwrap();
    assert!(golden::record(&folder, &bundle(), BODY.as_bytes()).is_err(), "it is never written over");
    let expected = fs::read_to_string(folder.join("expected.json")).unwrap();
    fs::write(folder.join("expected.json"), expected.replacen("3f", "3e", 1)).unwrap();
    assert!(golden::check_all(dir.path(), &registry()).is_err());
}

/// Writes the golden bundle of this room; run once: `cargo test -p arkwright-bundle -- --ignored record`.
#[test]
#[ignore = "writes into the repository"]
fn record_the_tiny_bundle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1/tiny");
    golden::record(&root, &bundle(), BODY.as_bytes()).unwrap();
}
