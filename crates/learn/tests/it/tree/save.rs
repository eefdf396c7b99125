//! Trees that were saved, and what can be wrong with them.

use super::*;
use arkwright_learn::tree::RandomForest;
use proptest::prelude::*;

#[test]
fn a_saved_model_loads_to_the_bit() {
    for classes in [0, 2, 3] {
        let table = Table::made(500, 4, classes, 13);
        for model in [
            table.fit(&Gbdt { n_estimators: 7, ..Gbdt::default() }, None),
            table.fit(&RandomForest { n_estimators: 7, ..RandomForest::default() }, None),
        ] {
            let loaded = Ensemble::load(&saved(&model)).unwrap();
            assert_eq!(loaded, model);
            assert_eq!(table.predict(&loaded), table.predict(&model));
        }
    }
}

proptest! {
    #[test]
    fn a_damaged_model_is_an_error_or_still_answers(blob in 0usize..15, at: prop::sample::Index, bits: u64, cut: bool, linear_tree: bool) {
        let table = Table::made(60, 3, 2, 17);
        let mut columns: Vec<Column<'_>> = table.columns[..2].iter().map(|c| Column::F64(c)).collect();
        let codes: Vec<u32> = (0..60).map(|i| i % 5).collect();
        columns.push(Column::Level { codes: &codes, levels: 5 });
        let x = Design { columns: &columns, rows: 60 };
        let labels: Vec<u32> = table.y.iter().map(|&y| y as u32).collect();
        let samples = Samples::new(x, Target::Classes { codes: &labels, count: 2 });
        let mut parts = saved(&Gbdt { linear_tree, max_leaf_nodes: 5, ..eager() }.fit(&samples, None, &Context::new(1)).unwrap().model);
        let name = parts.blobs.keys().nth(blob % parts.blobs.len()).unwrap().clone();
        let data = &parts.blobs[&name].data;
        let (kind, mut bytes) = (data.type_name(), data.to_le_bytes());
        if cut {
            bytes.truncate(at.index(bytes.len() + 1) / 8 * 8);
        } else if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] ^= (bits as u8).max(1);
        }
        let Some(data) = arkwright_core::BlobData::from_le_bytes(kind, &bytes) else { return Ok(()) };
        let shape = vec![data.len()];
        parts.blobs.insert(name, arkwright_core::Blob { data, shape });
        if let Ok(model) = Ensemble::load(&parts) {
            answers(&columns, 60, 2, &model);
            let _ = model.attribute(&x);
        }
    }
}

#[test]
fn trees_that_run_in_circles_are_refused() {
    let table = Table::made(200, 3, 0, 19);
    let parts = saved(&table.fit(&eager(), None));
    for (name, value) in [("left", 0i32), ("right", 1), ("left", i32::MAX), ("right", i32::MIN)] {
        let mut parts = parts.clone();
        let mut children = parts.get::<i32>(name).unwrap().to_vec();
        *children.last_mut().unwrap() = value;
        parts.put(name, children);
        assert!(Ensemble::load(&parts).unwrap_err().to_string().contains("a child is out of place"));
    }
}
