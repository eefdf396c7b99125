//! Any bytes as ONNX: refused, or trees that predict.
#![no_main]

use arkwright_learn::tree::Ensemble;
use arkwright_learn::{Column, Design};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(model) = Ensemble::from_onnx(bytes) {
        let columns = vec![Column::F64(&[0.5, f64::NAN]); model.inputs.len()];
        model.trees.raw(&Design { columns: &columns, rows: 2 }, 0..model.trees.rounds());
    }
});
