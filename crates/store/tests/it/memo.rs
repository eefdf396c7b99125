use arkwright_core::{Hash, Memo, Parts, Remembered};
use arkwright_store::StoreMemo;
use serde_json::{Value, json};
use std::fs;

fn remembered() -> Remembered {
    let mut parts = Parts::new("demo");
    parts.put("w", vec![0.1f64, f64::NAN, -0.0]);
    parts.children.insert("inner".into(), Parts::new("inner"));
    Remembered { parts: Some(parts), notes: json!({"score": 0.30000000000000004, "b": [null, "x"]}) }
}

/// NaN is not equal to itself, so parts are compared by their hash.
fn same(a: &Remembered, b: &Remembered) -> bool {
    a.notes == b.notes && a.parts.as_ref().map(Parts::hash) == b.parts.as_ref().map(Parts::hash)
}

#[test]
fn what_was_kept_reads_back_to_the_bit_also_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let (memo, key) = (StoreMemo::new(dir.path()), Hash::of(b"key"));
    assert!(memo.get(&key).is_none() && !memo.has(&key));
    memo.put(&key, &remembered());
    assert!(memo.has(&key) && same(&memo.get(&key).unwrap(), &remembered()));
    let only_notes = Remembered { parts: None, notes: Value::Null };
    memo.put(&key, &only_notes);
    let again = StoreMemo::new(dir.path());
    assert!(same(&again.get(&key).unwrap(), &only_notes));
}

#[test]
fn a_damaged_entry_is_no_entry() {
    let dir = tempfile::tempdir().unwrap();
    let (memo, key) = (StoreMemo::new(dir.path()), Hash::of(b"key"));
    memo.put(&key, &remembered());
    let name = key.to_string();
    let path = dir.path().join(&name[..2]).join(&name[2..]);
    let bytes = fs::read(&path).unwrap();
    for cut in (0..bytes.len()).step_by(7) {
        fs::write(&path, &bytes[..cut]).unwrap();
        // Known without reading it, and gone once it was read.
        assert!(memo.is_damaged(&key) && !memo.has(&key), "{cut}");
        assert!(memo.get(&key).is_none() && !memo.is_damaged(&key), "{cut}");
    }
    for at in 0..bytes.len() {
        let mut edited = bytes.clone();
        edited[at] ^= 1 << (at % 8);
        fs::write(&path, edited).unwrap();
        assert!(memo.get(&key).is_none_or(|read| same(&read, &remembered())), "{at}");
    }
    // An entry under another's name is no entry either.
    let other = Hash::of(b"other").to_string();
    fs::create_dir_all(dir.path().join(&other[..2])).unwrap();
    fs::write(dir.path().join(&other[..2]).join(&other[2..]), &bytes).unwrap();
    assert!(memo.get(&Hash::of(b"other")).is_none());
    memo.put(&key, &remembered());
    assert!(memo.get(&key).is_some() && memo.has(&key) && !memo.is_damaged(&key));
}

#[test]
fn a_memory_that_cannot_be_written_forgets() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let memo = StoreMemo::new(&file.path().join("below"));
    memo.put(&Hash::of(b"key"), &remembered());
    assert!(memo.get(&Hash::of(b"key")).is_none());
}

#[test]
fn threads_share_the_memory_without_seeing_half_an_entry() {
    let dir = tempfile::tempdir().unwrap();
    let (memo, key) = (StoreMemo::new(dir.path()), Hash::of(b"key"));
    memo.put(&key, &remembered());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let memo = &memo;
            scope.spawn(move || {
                for _ in 0..50 {
                    if thread < 2 {
                        memo.put(&key, &remembered());
                    }
                    assert!(same(&memo.get(&key).unwrap(), &remembered()));
                }
            });
        }
    });
}
