//! Times a learner of trees on a table: `boost TRAIN TEST KIND SETTINGS ANSWERS [SEED]`.
//!
//! TRAIN and TEST are files of `bench/tables.py`, KIND is `gbdt`, `random_forest` or `extra_trees`, SETTINGS its
//! settings as JSON, ANSWERS the file that gets the answers for TEST as little-endian `f64`: the last class's
//! probability, or the value. Tells the seconds of fitting and of answering on the threads that rayon finds
//! (`RAYON_NUM_THREADS`), and the most memory that the process held before and after the fit.
#![allow(clippy::unwrap_used)]

use arkwright_core::Context;
use arkwright_learn::tree::{Ensemble, ExtraTrees, Gbdt, RandomForest};
use arkwright_learn::{Column, Design, Fit, Predict, Samples, Target};
use std::io::{BufRead, BufReader, Read};
use std::time::Instant;

enum Owned {
    Number(Vec<f64>),
    Level(Vec<u32>, u32),
}

struct Table {
    columns: Vec<Owned>,
    y: Vec<f64>,
    classes: usize,
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [train, test, kind, settings, answers, seed @ ..] = &args[..] else {
        eprintln!("usage: boost TRAIN TEST KIND SETTINGS ANSWERS [SEED]");
        std::process::exit(2);
    };
    let (train, test) = (read(train), read(test));
    let seed = seed.first().map_or(1, |seed| seed.parse().unwrap());
    let before = peak();
    let (start, busy) = (Instant::now(), processor());
    let model = fit(&train, kind, settings, seed);
    let (seconds, busy) = (start.elapsed().as_secs_f64(), processor() - busy);
    let after = peak();
    let n = test.y.len();
    let mut out = vec![0.0; n * test.classes.max(1)];
    let columns = test.columns();
    let start = Instant::now();
    model.predict(&Design { columns: &columns, rows: n }, &mut out);
    let predict = start.elapsed().as_secs_f64();
    let last = out.chunks_exact(test.classes.max(1)).flat_map(|row| row[row.len() - 1].to_le_bytes());
    std::fs::write(answers, last.collect::<Vec<u8>>()).unwrap();
    println!(
        "{{\"fit\": {seconds:.4}, \"cpu\": {busy:.2}, \"predict\": {predict:.4}, \"before_mb\": {before:.0}, \"peak_mb\": {after:.0}, \"trees\": {}, \"leaves\": {}}}",
        model.trees(),
        model.leaves()
    );
}

fn fit(table: &Table, kind: &str, settings: &str, seed: u64) -> Ensemble {
    let columns = table.columns();
    let codes: Vec<u32> = table.y.iter().map(|&y| y as u32).collect();
    let y = match table.classes {
        0 => Target::Values(&table.y),
        count => Target::Classes { codes: &codes, count },
    };
    let samples = Samples::new(Design { columns: &columns, rows: table.y.len() }, y);
    let ctx = Context::new(seed);
    match kind {
        "random_forest" => {
            serde_json::from_str::<RandomForest>(settings).unwrap().fit(&samples, None, &ctx).unwrap().model
        }
        "extra_trees" => serde_json::from_str::<ExtraTrees>(settings).unwrap().fit(&samples, None, &ctx).unwrap().model,
        _ => serde_json::from_str::<Gbdt>(settings).unwrap().fit(&samples, None, &ctx).unwrap().model,
    }
}

impl Table {
    fn columns(&self) -> Vec<Column<'_>> {
        self.columns
            .iter()
            .map(|column| match column {
                Owned::Number(values) => Column::F64(values),
                Owned::Level(codes, levels) => Column::Level { codes, levels: *levels },
            })
            .collect()
    }
}

fn read(path: &str) -> Table {
    let mut file = BufReader::new(std::fs::File::open(path).unwrap());
    let mut head = String::new();
    file.read_line(&mut head).unwrap();
    let head: serde_json::Value = serde_json::from_str(&head).unwrap();
    let n = head["rows"].as_u64().unwrap() as usize;
    let mut bytes = |count: usize| {
        let mut bytes = vec![0; count];
        file.read_exact(&mut bytes).unwrap();
        bytes
    };
    let numbers = |bytes: Vec<u8>| bytes.as_chunks().0.iter().map(|&b| f64::from_le_bytes(b)).collect::<Vec<_>>();
    let mut columns = Vec::new();
    for column in head["columns"].as_array().unwrap() {
        columns.push(match column["levels"].as_u64().unwrap() as u32 {
            0 => Owned::Number(numbers(bytes(8 * n))),
            levels => Owned::Level(bytes(4 * n).as_chunks().0.iter().map(|&b| u32::from_le_bytes(b)).collect(), levels),
        });
    }
    let y = numbers(bytes(8 * n));
    Table { columns, y, classes: head["classes"].as_u64().unwrap() as usize }
}

/// Seconds of processor time that this process has had.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The most memory that this process has held, in megabytes.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}
