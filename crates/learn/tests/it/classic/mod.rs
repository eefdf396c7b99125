//! Classical learners against scikit-learn's numbers on four real tables.

mod bayes;
mod cluster;
mod decompose;
mod glm;
mod neighbors;
mod svm;

use crate::tables::*;
use arkwright_core::Json;
use arkwright_learn::{Column, Design, Predict, Samples, Target};
use std::sync::LazyLock;

pub static PEER: LazyLock<Json> = LazyLock::new(|| fixture(include_str!("../../fixtures/classic.json")));

/// A real table.
pub struct Real {
    pub x: Vec<Vec<f64>>,
    pub y: Vec<f64>,
    pub weight: Vec<f64>,
}

impl Real {
    pub fn of(case: &Json) -> Self {
        Self::named(case["table"].as_str().unwrap())
    }

    pub fn named(name: &str) -> Self {
        let table = &PEER["tables"][name];
        Self { x: matrix(&table["x"]), y: floats(&table["y"]), weight: floats(&table["weight"]) }
    }

    pub fn rows(&self) -> usize {
        self.y.len()
    }

    pub fn columns(&self) -> Vec<Column<'_>> {
        self.x.iter().map(|c| Column::F64(c)).collect()
    }

    /// The rows to learn from and those to ask: every other one.
    pub fn halves(&self) -> [Self; 2] {
        let every = |from: usize, v: &Vec<f64>| v[from..].iter().copied().step_by(2).collect::<Vec<f64>>();
        [0, 1].map(|from| Self {
            x: self.x.iter().map(|column| every(from, column)).collect(),
            y: every(from, &self.y),
            weight: every(from, &self.weight),
        })
    }

    /// Calls `then` with the rows as a learner sees them: of so many classes, or of numbers where there are none.
    pub fn with<T>(&self, classes: usize, weight: Option<&[f64]>, then: impl FnOnce(&Samples<'_>) -> T) -> T {
        let (columns, codes) = (self.columns(), self.y.iter().map(|&y| y as u32).collect::<Vec<_>>());
        let y = match classes {
            0 => Target::Values(&self.y),
            count => Target::Classes { codes: &codes, count },
        };
        then(&Samples { weight, ..Samples::new(design(&columns, self.rows()), y) })
    }

    /// What a model answers for the rows.
    pub fn answers(&self, model: &impl Predict) -> Vec<f64> {
        let mut out = vec![f64::NAN; self.rows() * model.outputs()];
        model.predict(&design(&self.columns(), self.rows()), &mut out);
        out
    }
}

/// The first rows of some columns.
pub fn first<'a>(columns: &[Column<'a>], rows: usize) -> Vec<Column<'a>> {
    columns
        .iter()
        .map(|c| match *c {
            Column::F64(values) => Column::F64(&values[..rows]),
            other => other,
        })
        .collect()
}

pub fn cases(name: &str) -> &'static [Json] {
    let cases = PEER[name].as_array().unwrap();
    assert!(cases.len() >= 3, "{name}");
    cases
}

/// With both one thread and three.
pub fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

/// Made-up rows in blobs, column by column.
pub fn blobs(n: usize, p: usize, k: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut random = arkwright_core::Random::new(seed, "blobs");
    let centres: Vec<f64> = (0..k * p).map(|_| 10.0 * random.normal()).collect();
    let mut x = vec![vec![0.0; n]; p];
    for i in 0..n {
        let c = random.below(k as u64) as usize;
        for (j, column) in x.iter_mut().enumerate() {
            column[i] = centres[c * p + j] + random.normal();
        }
    }
    x
}

pub fn design<'a>(columns: &'a [Column<'a>], rows: usize) -> Design<'a> {
    Design { columns, rows }
}
