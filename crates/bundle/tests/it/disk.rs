use crate::models::{BODY, bundle, registry};
use arkwright_bundle::{ARRAYS, Bundle, MANIFEST, MAX_DEPTH, decode, encode};
use arkwright_core::{Context, Error, Model, Parts, Registry};
use serde_json::json;
use std::fs;
use std::path::Path;
use tempfile::tempdir;

fn answer(bundle: &Bundle) -> arkwright_core::Frame {
    let frame = bundle.request().from_json(BODY.as_bytes(), 10).unwrap();
    bundle.predict(&frame, &Context::new(0)).unwrap()
}

#[test]
fn a_loaded_bundle_answers_to_the_bit_and_is_the_same_bytes_again() {
    let dir = tempdir().unwrap();
    let (one, two) = (dir.path().join("one"), dir.path().join("deep/er/two"));
    bundle().save_to(&one).unwrap();
    let loaded = Bundle::load(&one, &registry()).unwrap();
    assert_eq!(answer(&loaded), answer(&bundle()));
    assert_eq!(loaded.hash().unwrap(), bundle().hash().unwrap());
    assert_eq!(loaded.meta(), bundle().meta());
    loaded.save_to(&two).unwrap();
    for file in [MANIFEST, ARRAYS] {
        assert_eq!(fs::read(one.join(file)).unwrap(), fs::read(two.join(file)).unwrap());
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "nothing temporary is left");
}

#[test]
fn a_bundle_is_replaced_as_a_whole() {
    let dir = tempdir().unwrap();
    let at = dir.path().join("b");
    fs::create_dir(&at).unwrap();
    fs::write(at.join("old"), "x").unwrap();
    bundle().save_to(&at).unwrap();
    assert_eq!(fs::read_dir(&at).unwrap().count(), 2);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn what_cannot_be_written_leaves_nothing() {
    let dir = tempdir().unwrap();
    fs::write(dir.path().join("file"), "x").unwrap();
    let error = bundle().save_to(&dir.path().join("file/below")).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

/// Loads a bundle with one file changed; a change that loads must have changed nothing.
fn load_changed(file: &str, change: impl Fn(&mut Vec<u8>)) -> Result<Bundle, Error> {
    let dir = tempdir().unwrap();
    let at = dir.path().join("b");
    bundle().save_to(&at).unwrap();
    let mut bytes = fs::read(at.join(file)).unwrap();
    change(&mut bytes);
    fs::write(at.join(file), bytes).unwrap();
    let loaded = Bundle::load(&at, &registry());
    if let Ok(loaded) = &loaded {
        assert_eq!(loaded.hash().unwrap(), bundle().hash().unwrap());
    }
    loaded
}

#[test]
fn a_bundle_cut_short_anywhere_is_refused() {
    for (name, bytes) in bundle().files().unwrap() {
        for cut in (0..bytes.len()).step_by(97).chain([bytes.len() - 1]) {
            let error = load_changed(&name, |b| b.truncate(cut)).err().unwrap().to_string();
            assert!(error.contains("the saved model cannot be read"), "{error}");
        }
    }
}

#[test]
fn a_bundle_edited_anywhere_is_refused_or_the_same() {
    for (name, bytes) in bundle().files().unwrap() {
        for at in (0..bytes.len()).step_by(13) {
            let loaded = load_changed(&name, |b| b[at] ^= 1 << (at % 8));
            assert!(loaded.is_err() || name == MANIFEST, "byte {at} of {name}");
        }
    }
}

#[test]
fn a_missing_file_is_named() {
    for file in [MANIFEST, ARRAYS] {
        let dir = tempdir().unwrap();
        let at = dir.path().join("b");
        bundle().save_to(&at).unwrap();
        fs::remove_file(at.join(file)).unwrap();
        assert!(Bundle::load(&at, &registry()).err().unwrap().to_string().contains(file));
    }
    assert!(Bundle::load(Path::new("nowhere"), &registry()).is_err());
}

fn edit_manifest(from: &str, to: &str) -> String {
    let edited = load_changed(MANIFEST, |bytes| {
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.contains(from), "{text}");
        *bytes = text.replacen(from, to, 1).into_bytes();
    });
    edited.err().unwrap().to_string()
}

#[test]
fn every_kind_of_damage_is_told_apart() {
    let newer = edit_manifest("\"bundle\":1", "\"bundle\":2");
    assert!(newer.ends_with("it is of version 2, and this program reads up to 1: update it"), "{newer}");
    let renamed = edit_manifest("\"system\":\"tiny\"", "\"system\":\"tidy\"");
    assert!(renamed.contains("its content is not what was saved"), "{renamed}");
    let missing = edit_manifest("\"mean\"", "\"meen\"");
    assert!(missing.contains("the array `ages/meen` is missing"), "{missing}");
    let unnamed = edit_manifest("\"mean\",", "");
    assert!(unnamed.contains("hold more than its manifest names"), "{unnamed}");
    let other_file = edit_manifest(ARRAYS, "../../etc/passwd");
    assert!(other_file.contains("does not name `arrays.safetensors`, and that alone"), "{other_file}");
    let dir = tempdir().unwrap();
    bundle().save_to(&dir.path().join("b")).unwrap();
    let unknown = Bundle::load(&dir.path().join("b"), &Registry::new([], arkwright_bundle::formats()));
    let unknown = unknown.err().unwrap().to_string();
    assert!(unknown.contains("step `ages`") && unknown.contains("the format `scale`"), "{unknown}");
}

#[test]
fn blobs_of_another_type_are_refused() {
    let mut parts = Model::save(&bundle()).unwrap();
    parts.children.get_mut("ages").unwrap().put("mean", vec![1u8]);
    let error = Bundle::from_parts(&decode(&encode(&parts).unwrap()).unwrap(), &registry()).err().unwrap();
    assert!(error.to_string().contains("`mean` is of type U8 where F64 is needed"), "{error}");
}

#[test]
fn parts_as_one_piece_read_back_and_every_cut_and_edit_is_seen() {
    let parts = Model::save(&bundle()).unwrap();
    let bytes = encode(&parts).unwrap();
    assert_eq!(decode(&bytes).unwrap(), parts);
    assert_eq!(encode(&decode(&bytes).unwrap()).unwrap(), bytes);
    for cut in 0..bytes.len() {
        assert!(decode(&bytes[..cut]).is_err(), "{cut}");
    }
    for at in 0..bytes.len() {
        let mut edited = bytes.clone();
        edited[at] ^= 1 << (at % 8);
        assert!(decode(&edited).map_or(true, |read| read == parts), "byte {at}");
    }
    assert!(decode(&[bytes.clone(), vec![0]].concat()).is_err());
    assert_eq!(decode(&encode(&Parts::default()).unwrap()).unwrap(), Parts::default());
}

#[test]
fn every_bit_of_a_float_is_kept() {
    let mut parts = Parts::new("demo");
    let bits = [0x7ff8_0000_0000_0001u64, 0xfff0_0000_0000_0000, 0x8000_0000_0000_0000, 1];
    parts.put("w", bits.iter().map(|b| f64::from_bits(*b)).collect::<Vec<_>>());
    parts.put("odd", vec![1u8, 2, 3]);
    let read = decode(&encode(&parts).unwrap()).unwrap();
    let read: Vec<u64> = read.get::<f64>("w").unwrap().iter().map(|v| v.to_bits()).collect();
    assert_eq!(read, bits);
}

#[test]
fn what_could_not_be_read_back_is_not_written() {
    let mut parts = Parts::new("leaf");
    for _ in 0..=MAX_DEPTH {
        assert!(decode(&encode(&parts).unwrap()).is_ok());
        let mut outer = Parts::new("outer");
        outer.children.insert("c".into(), parts);
        parts = outer;
    }
    assert!(encode(&parts).unwrap_err().to_string().contains("deeper than"));
    let mut deep = Parts::new("deep");
    deep.json = (0..60).fold(json!(1), |inner, _| json!([inner]));
    assert!(encode(&deep).unwrap_err().to_string().contains("JSON is deeper"));
    let mut ragged = Parts::new("ragged");
    ragged.put("w", vec![1.0f64, 2.0]);
    ragged.blobs.get_mut("w").unwrap().shape = vec![3];
    assert!(encode(&ragged).unwrap_err().to_string().contains("2 numbers and shape [3]"));
}
