//! Feather as pandas and R write it, compressed. The files are of `tests/reference/data_feather.py`.

use crate::place::{Place, Table};
use std::path::Path;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
}

fn read(name: &str) -> Table {
    Place::with(name, fixture(name)).read(name)
}

#[test]
fn compressed_feather_is_read_by_both_codecs() {
    for name in ["lz4.feather", "zstd.feather"] {
        let table = read(name);
        assert_eq!(table.rows(), 1000, "{name}");
        for (i, number) in table.numbers("number").into_iter().enumerate() {
            assert_eq!(number, (i % 7 != 0).then_some(i as f64 / 8.0), "{name}: row {i}");
        }
        for (i, text) in table.texts("text").into_iter().enumerate() {
            let expected = (i % 11 != 0).then_some(["Ulm", "Bern", "Graz"][i % 3]);
            assert_eq!(text, expected, "{name}: row {i}");
        }
        for (i, level) in table.texts("level").into_iter().enumerate() {
            assert_eq!(level, Some(["low", "high"][i % 2]), "{name}: row {i}");
        }
    }
}

#[test]
fn a_compressed_file_cut_short_is_refused() {
    let whole = fixture("lz4.feather");
    for share in 1..20 {
        let cut = &whole[..whole.len() * share / 20];
        let words = Place::with("t.feather", cut).refused("t.feather");
        assert!(words.contains("t.feather"), "{words}");
    }
}
