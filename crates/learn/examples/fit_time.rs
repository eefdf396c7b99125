//! Times the trees on a table of numbers: `fit_time [KIND] [TABLE ROWS COLUMNS CLASSES]`.
//!
//! TABLE holds little-endian `f64`: the columns one after another, then the target; CLASSES is 0 where the
//! target is a number. Without one, 400,000 x 28 rows are made up. Tells the seconds of fitting, of
//! predicting all rows, and the microseconds of a single row, on the threads that rayon finds
//! (`RAYON_NUM_THREADS`).
#![allow(clippy::unwrap_used)]

use arkwright_core::{Context, Random};
use arkwright_learn::tree::{DecisionTree, Ensemble, Gbdt, RandomForest};
use arkwright_learn::{Column, Design, Fit, Predict, Samples, Target};
use std::time::Instant;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (columns, y, classes) = match &args[..] {
        [_, table, n, p, classes] => read(table, n.parse().unwrap(), p.parse().unwrap(), classes.parse().unwrap()),
        _ => make(400_000, 28),
    };
    let n = y.len();
    let views: Vec<Column<'_>> = columns.iter().map(|c| Column::F64(c)).collect();
    let x = Design { columns: &views, rows: n };
    let codes: Vec<u32> = y.iter().map(|&y| y as u32).collect();
    let target = match classes {
        0 => Target::Values(&y),
        count => Target::Classes { codes: &codes, count },
    };
    let samples = Samples::new(x, target);
    let ctx = Context::new(1);
    let start = Instant::now();
    let model: Ensemble = match args.first().map_or("gbdt", String::as_str) {
        "random_forest" => RandomForest::default().fit(&samples, None, &ctx).unwrap().model,
        "decision_tree" => DecisionTree::default().fit(&samples, None, &ctx).unwrap().model,
        _ => Gbdt::default().fit(&samples, None, &ctx).unwrap().model,
    };
    let fit = start.elapsed().as_secs_f64();
    let mut out = vec![0.0; n * classes.max(1)];
    let start = Instant::now();
    model.predict(&x, &mut out);
    let predict = start.elapsed().as_secs_f64();
    let singles = 2000.min(n);
    let start = Instant::now();
    for row in 0..singles {
        let views: Vec<Column<'_>> = columns.iter().map(|c| Column::F64(&c[row..=row])).collect();
        let k = classes.max(1);
        model.predict(&Design { columns: &views, rows: 1 }, &mut out[row * k..(row + 1) * k]);
    }
    let single = start.elapsed().as_secs_f64() / singles as f64 * 1e6;
    let quality = match classes {
        2 => log_loss(&out, &codes),
        _ => f64::NAN,
    };
    println!(
        "{{\"fit\": {fit:.3}, \"predict\": {predict:.4}, \"single_us\": {single:.2}, \"trees\": {}, \"leaves\": {}, \"log_loss\": {quality:.6}}}",
        model.trees(),
        model.leaves()
    );
}

fn log_loss(out: &[f64], codes: &[u32]) -> f64 {
    let sum: f64 = out.chunks_exact(2).zip(codes).map(|(p, &c)| -p[c as usize].max(1e-15).ln()).sum();
    sum / codes.len() as f64
}

fn read(path: &str, n: usize, p: usize, classes: usize) -> (Vec<Vec<f64>>, Vec<f64>, usize) {
    let bytes = std::fs::read(path).unwrap();
    let all: Vec<f64> = bytes.as_chunks::<8>().0.iter().map(|&b| f64::from_le_bytes(b)).collect();
    assert_eq!(all.len(), n * (p + 1));
    let columns = (0..p).map(|j| all[j * n..(j + 1) * n].to_vec()).collect();
    (columns, all[p * n..].to_vec(), classes)
}

fn make(n: usize, p: usize) -> (Vec<Vec<f64>>, Vec<f64>, usize) {
    let mut random = Random::new(7, "table");
    let columns: Vec<Vec<f64>> = (0..p).map(|_| (0..n).map(|_| random.normal()).collect()).collect();
    let y = (0..n)
        .map(|i| {
            let x = |j: usize| columns[j % p][i];
            let raw = x(0) + x(1) * x(2) + (2.0 * x(3)).sin() - x(4).abs() + 0.5 * x(5) * x(6) + random.normal();
            f64::from(u8::from(raw > 0.0))
        })
        .collect();
    (columns, y, 2)
}
