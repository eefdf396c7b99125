//! Times a classical learner on rows of numbers: `classic TABLE ROWS COLUMNS KIND SETTINGS [SEED]`.
//!
//! TABLE is a file of little-endian `f64`, column after column; KIND is one of those below; SETTINGS are its settings as
//! JSON. Tells the seconds of fitting and what the fit noted, as JSON, on the threads that rayon finds
//! (`RAYON_NUM_THREADS`). A learner of a target learns the last column, which is 0 or 1, from the others; `knn` answers all
//! rows on top.
#![allow(clippy::unwrap_used)]

use arkwright_core::{Context, Json};
use arkwright_learn::cluster::{Dbscan, KMeans};
use arkwright_learn::decompose::{Pca, TruncatedSvd};
use arkwright_learn::neighbors::Knn;
use arkwright_learn::svm::Svc;
use arkwright_learn::{Column, Design, Fit, FitInputs, Outcome, Predict, Samples, Target};
use std::time::Instant;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [table, rows, columns, kind, settings, seed @ ..] = &args[..] else {
        eprintln!("usage: classic TABLE ROWS COLUMNS KIND SETTINGS [SEED]");
        std::process::exit(2);
    };
    let (n, p): (usize, usize) = (rows.parse().unwrap(), columns.parse().unwrap());
    let bytes = std::fs::read(table).unwrap();
    let values: Vec<f64> = bytes.as_chunks().0.iter().map(|&b| f64::from_le_bytes(b)).collect();
    assert_eq!(values.len(), n * p, "the table is of another size");
    drop(bytes);
    let views: Vec<Column<'_>> = values.chunks_exact(n).map(Column::F64).collect();
    let x = Design { columns: &views, rows: n };
    let ctx = Context::new(seed.first().map_or(1, |seed| seed.parse().unwrap()));
    let (start, busy) = (Instant::now(), processor());
    let notes = match kind.as_str() {
        "k_means" => fit(&serde_json::from_str::<KMeans>(settings).unwrap(), &x, &ctx),
        "pca" => fit(&serde_json::from_str::<Pca>(settings).unwrap(), &x, &ctx),
        "truncated_svd" => fit(&serde_json::from_str::<TruncatedSvd>(settings).unwrap(), &x, &ctx),
        "svc" => answer(&serde_json::from_str::<Svc>(settings).unwrap(), &x, &ctx),
        "dbscan" => fit(&serde_json::from_str::<Dbscan>(settings).unwrap(), &x, &ctx),
        "knn" => answer(&serde_json::from_str::<Knn>(settings).unwrap(), &x, &ctx),
        other => panic!("{other} is not timed here"),
    };
    let (seconds, busy) = (start.elapsed().as_secs_f64(), processor() - busy);
    println!("{}", serde_json::json!({ "fit": seconds, "cpu": busy, "notes": notes }));
}

fn fit(step: &impl FitInputs, x: &Design<'_>, ctx: &Context) -> Json {
    step.fit(x, None, ctx).unwrap().notes
}

/// Fits to the last column, and answers all rows; tells the share of them that is right.
fn answer<M: Predict>(learner: &impl Fit<Model = M>, x: &Design<'_>, ctx: &Context) -> Json {
    let (&Column::F64(y), inputs) = x.columns.split_last().unwrap() else { panic!("no target") };
    let codes: Vec<u32> = y.iter().map(|&y| y as u32).collect();
    let x = Design { columns: inputs, rows: x.rows };
    let samples = Samples::new(x, Target::Classes { codes: &codes, count: 2 });
    let Outcome { model, notes, .. } = learner.fit(&samples, None, ctx).unwrap();
    let mut out = vec![0.0; 2 * x.rows];
    model.predict(&x, &mut out);
    let right = out.chunks(2).zip(&codes).filter(|(p, code)| (p[1] > p[0]) == (**code == 1)).count();
    serde_json::json!({ "right": right as f64 / x.rows as f64, "fit": notes })
}

/// Seconds of processor time that this process has had.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}
