use arkwright_core::Hash;
use arkwright_store::{Error, Store};
use std::collections::BTreeMap;
use std::fs;

pub fn bytes_and_folders_read_back(store: &Store) {
    let bytes: Vec<u8> = (0..100_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let hash = store.put(&bytes).unwrap();
    assert_eq!(hash, Hash::of(&bytes));
    assert_eq!(store.put(&bytes).unwrap(), hash);
    assert_eq!(store.get(&hash).unwrap(), bytes);
    assert!(store.has(&hash).unwrap() && !store.has(&Hash::of(b"none")).unwrap());
    assert!(matches!(store.get(&Hash::of(b"none")).unwrap_err(), Error::Missing { .. }));
    assert_eq!(store.get(&store.put(b"").unwrap()).unwrap(), b"");

    let files = BTreeMap::from([("a.json".to_string(), b"{}".to_vec()), ("b".to_string(), bytes)]);
    let folder = store.put_folder(&files).unwrap();
    assert_eq!(store.get_folder(&folder).unwrap(), files);
    assert!(store.get_folder(&hash).unwrap_err().to_string().contains("is no folder"));
    for name in ["", ".", "..", "../x", "a/b", "a\\b", "c:x"] {
        let files = BTreeMap::from([(name.to_string(), vec![])]);
        assert!(matches!(store.put_folder(&files), Err(Error::Name { .. })), "{name}");
    }
}

#[test]
fn an_artifact_cut_or_edited_is_told_and_made_whole_when_it_is_put_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().to_str().unwrap(), None).unwrap();
    let bytes = vec![7u8; 1000];
    let hash = store.put(&bytes).unwrap();
    let name = hash.to_string();
    let path = dir.path().join("artifacts").join(&name[..2]).join(&name[2..]);
    for damage in [vec![7u8; 999], vec![7u8; 1001], vec![6u8; 1000], vec![]] {
        fs::write(&path, damage).unwrap();
        let error = store.get(&hash).unwrap_err();
        assert_eq!(error.to_string(), format!("the artifact {} is not what was stored", hash.short()));
        store.put(&bytes).unwrap();
        assert_eq!(store.get(&hash).unwrap(), bytes);
    }
}

#[test]
fn a_folder_is_whole_where_every_file_has_its_size() {
    let (dir, objects) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let url = format!("file://{}", objects.path().display());
    for (place, artifacts) in [(dir.path().join("artifacts"), None), (objects.path().into(), Some(url.as_str()))] {
        let store = Store::open(dir.path().to_str().unwrap(), artifacts).unwrap();
        let files = BTreeMap::from([("a".to_string(), vec![1; 100]), ("b".to_string(), vec![2; 50])]);
        let folder = store.put_folder(&files).unwrap();
        assert!(store.is_whole(&folder).unwrap() && !store.is_whole(&Hash::of(b"none")).unwrap());
        for hash in [Hash::of(&files["a"]), Hash::of(&files["b"]), folder] {
            let name = hash.to_string();
            let path = place.join(&name[..2]).join(&name[2..]);
            let bytes = fs::read(&path).unwrap();
            for cut in [0, 1, bytes.len() - 1] {
                fs::write(&path, &bytes[..cut]).unwrap();
                assert!(!store.is_whole(&folder).unwrap());
            }
            fs::remove_file(&path).unwrap();
            assert!(!store.is_whole(&folder).unwrap());
            store.put_folder(&files).unwrap();
            assert!(store.is_whole(&folder).unwrap());
        }
    }
}

#[test]
fn artifacts_in_an_object_store_work_alike() {
    let (dir, objects) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let url = format!("file://{}", objects.path().display());
    let store = Store::open(dir.path().to_str().unwrap(), Some(&url)).unwrap();
    bytes_and_folders_read_back(&store);
    crate::models::a_bundle_is_kept(&store);
    crate::clean::only_what_no_version_needs_is_cleaned(&store);
    assert!(Store::open(dir.path().to_str().unwrap(), Some("gopher://x")).is_err());
}
