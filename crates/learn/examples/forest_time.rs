//! Times a forest and writes what it answers: `forest_time TABLE ROWS COLUMNS TEST KIND TREES [OUT]`.
//!
//! TABLE holds little-endian `f64`: the columns one after another, then a target of two classes, 0 and 1.
//! The first ROWS - TEST rows are learnt from, and OUT gets the probability of class 1 for the others. KIND
//! is `random_forest` or `extra_trees`, with TREES trees and no other setting. The threads are those that
//! rayon finds (`RAYON_NUM_THREADS`).
#![allow(clippy::unwrap_used)]

use arkwright_core::Context;
use arkwright_learn::tree::{ExtraTrees, RandomForest};
use arkwright_learn::{Column, Design, Fit, Predict, Samples, Target};
use std::time::Instant;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize| args[i].parse::<usize>().unwrap();
    let (n, p, test, n_estimators) = (number(1), number(2), number(3), number(5) as u32);
    let bytes = std::fs::read(&args[0]).unwrap();
    let all: Vec<f64> = bytes.as_chunks::<8>().0.iter().map(|&b| f64::from_le_bytes(b)).collect();
    assert_eq!(all.len(), n * (p + 1));
    let train = n - test;
    let codes: Vec<u32> = all[n * p..].iter().map(|&y| y as u32).collect();
    let columns = |from: usize, to: usize| -> Vec<Column<'_>> {
        (0..p).map(|j| Column::F64(&all[j * n + from..j * n + to])).collect()
    };
    let (learnt, held) = (columns(0, train), columns(train, n));
    let x = Design { columns: &learnt, rows: train };
    let samples = Samples { x, y: Target::Classes { codes: &codes[..train], count: 2 }, weight: None };
    let ctx = Context::new(1);
    let start = Instant::now();
    let model = match args[4].as_str() {
        "extra_trees" => ExtraTrees { n_estimators, ..ExtraTrees::default() }.fit(&samples, None, &ctx),
        _ => RandomForest { n_estimators, ..RandomForest::default() }.fit(&samples, None, &ctx),
    };
    let model = model.unwrap().model;
    let fit = start.elapsed().as_secs_f64();
    let mut out = vec![0.0; 2 * test];
    let start = Instant::now();
    model.predict(&Design { columns: &held, rows: test }, &mut out);
    let predict = start.elapsed().as_secs_f64();
    if let Some(path) = args.get(6) {
        let bytes: Vec<u8> = out.chunks_exact(2).flat_map(|p| p[1].to_le_bytes()).collect();
        std::fs::write(path, bytes).unwrap();
    }
    println!("{{\"fit\": {fit:.4}, \"predict\": {predict:.4}, \"leaves\": {}}}", model.leaves());
}
