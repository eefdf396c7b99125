//! Times answers of given trees: `tree_answers MODEL ROWS`, for `bench/predict.py` and `bench/tree_shap.py`.
//!
//! MODEL and ROWS are what `bench/peer_trees.py` writes. Each line of the input asks something, and a line of JSON
//! answers: `predict` and `shap N` tell the seconds for all rows, or the first `N`; `single N` the microseconds of
//! a row, for the first `N` one at a time; `answers N` and `values N` what came out of the first `N`.
//! Threads are rayon's (`RAYON_NUM_THREADS`).
#![allow(clippy::unwrap_used)]

use arkwright_core::Parts;
use arkwright_learn::tree::Ensemble;
use arkwright_learn::{Column, Design, Predict};
use serde_json::json;
use std::time::Instant;

/// Little-endian arrays, each after its length.
struct Arrays {
    bytes: Vec<u8>,
    at: usize,
}

impl Arrays {
    fn read(path: &str) -> Self {
        Self { bytes: std::fs::read(path).unwrap(), at: 0 }
    }

    fn count(&mut self) -> usize {
        self.next::<8>(1).map(u64::from_le_bytes).next().unwrap() as usize
    }

    fn next<const N: usize>(&mut self, count: usize) -> impl Iterator<Item = [u8; N]> {
        let start = self.at;
        self.at += N * count;
        self.bytes[start..self.at].as_chunks::<N>().0.iter().copied()
    }

    fn u32(&mut self) -> Vec<u32> {
        let count = self.count();
        self.next(count).map(u32::from_le_bytes).collect()
    }

    fn i32(&mut self) -> Vec<i32> {
        let count = self.count();
        self.next(count).map(i32::from_le_bytes).collect()
    }

    fn f32(&mut self) -> Vec<f32> {
        let count = self.count();
        self.next(count).map(f32::from_le_bytes).collect()
    }

    fn f64(&mut self) -> Vec<f64> {
        let count = self.count();
        self.next(count).map(f64::from_le_bytes).collect()
    }
}

fn model(path: &str) -> Ensemble {
    let mut arrays = Arrays::read(path);
    let mut parts = Parts::new(Ensemble::FORMAT);
    let features = arrays.u32()[0] as usize;
    parts.put("base", arrays.f64());
    let ends = arrays.u32();
    let trees = ends.len();
    parts.put("node_ends", ends);
    for name in ["leaf_ends", "feature", "cut"] {
        parts.put(name, arrays.u32());
    }
    for name in ["left", "right"] {
        parts.put(name, arrays.i32());
    }
    for name in ["node_cover", "leaf_cover", "value"] {
        parts.put(name, arrays.f64());
    }
    parts.put("sets", Vec::<u32>::new());
    let columns = vec!["number"; features];
    parts
        .put_json(&json!({ "columns": columns, "link": "identity", "outputs": 1, "width": 1, "trees": trees }))
        .unwrap();
    Ensemble::load(&parts).unwrap()
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let model = model(&args[0]);
    let mut rows = Arrays::read(&args[1]);
    let n = rows.count();
    let columns: Vec<Vec<f32>> = (0..model.features()).map(|_| rows.f32()).collect();
    let part = |start: usize, end: usize| columns.iter().map(|c| Column::F32(&c[start..end])).collect::<Vec<_>>();
    let mut out = vec![0.0; n];
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let mut words = line.split_whitespace();
        let what = words.next().unwrap_or_default();
        let rows = words.next().map_or(n, |word| word.parse().unwrap());
        let views = part(0, rows);
        let x = Design { columns: &views, rows };
        let start = Instant::now();
        let answer = match what {
            "predict" => {
                model.predict(&x, &mut out[..rows]);
                json!(start.elapsed().as_secs_f64())
            }
            "single" => {
                let alone: Vec<_> = (0..rows).map(|row| part(row, row + 1)).collect();
                let start = Instant::now();
                for (columns, out) in alone.iter().zip(out.chunks_mut(1)) {
                    model.predict(&Design { columns, rows: 1 }, out);
                }
                json!(start.elapsed().as_secs_f64() / rows as f64 * 1e6)
            }
            "shap" => {
                let values = model.shap_values(&x).unwrap().values;
                json!(start.elapsed().as_secs_f64() + 0.0 * values[0])
            }
            "answers" => {
                model.predict(&x, &mut out[..rows]);
                json!(out[..rows])
            }
            "values" => json!(model.shap_values(&x).unwrap().values),
            _ => break,
        };
        println!("{answer}");
    }
}
