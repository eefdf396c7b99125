//! Trees: against LightGBM and scikit-learn (`tests/reference/learn_tree.py`), brute force, and what must
//! hold whatever the data.

mod ada;
mod boost;
mod forest;
mod save;
mod shap;
mod single;

mod ways;
mod whatever;

use arkwright_core::{Context, Parts, Random};
use arkwright_learn::tree::{Ensemble, Gbdt};
use arkwright_learn::{Column, Design, Fit, Outcome, Predict, Samples, Target};
use serde_json::Value;

// A table, and what a peer made of it.

pub struct Table {
    pub columns: Vec<Vec<f64>>,
    pub y: Vec<f64>,
    pub classes: usize,
}

impl Table {
    pub fn fixture(name: &str) -> (Self, Value) {
        let all: Value = serde_json::from_str(include_str!("../../fixtures/tree.json")).unwrap();
        let fixture = all[name].clone();
        let columns = numbers2(&fixture["x"]);
        let y = numbers(&fixture["y"]);
        let classes = match name {
            "breast_cancer" => 2,
            "wine" => 3,
            _ => 0,
        };
        (Self { columns, y, classes }, fixture)
    }

    /// What scikit-learn's trees and forests made of a table.
    pub fn forests(name: &str) -> (Self, Value) {
        let all: Value = serde_json::from_str(include_str!("../../fixtures/forest.json")).unwrap();
        (Self::fixture(name).0, all[name].clone())
    }

    /// Numbers that follow a rule, with noise.
    pub fn made(n: usize, p: usize, classes: usize, seed: u64) -> Self {
        let mut random = Random::new(seed, "table");
        let columns: Vec<Vec<f64>> = (0..p).map(|_| (0..n).map(|_| random.normal()).collect()).collect();
        let y = (0..n)
            .map(|i| {
                let raw = columns[0][i] + columns[1 % p][i] * columns[2 % p][i] + 0.3 * random.normal();
                match classes {
                    0 => raw,
                    k => (((raw + 2.0) / 4.0 * k as f64).floor()).clamp(0.0, k as f64 - 1.0),
                }
            })
            .collect();
        Self { columns, y, classes }
    }

    pub fn rows(&self, keep: impl Fn(usize) -> bool) -> Self {
        let pick = |v: &Vec<f64>| v.iter().enumerate().filter(|(i, _)| keep(*i)).map(|(_, &x)| x).collect::<Vec<f64>>();
        Self { columns: self.columns.iter().map(pick).collect(), y: pick(&self.y), classes: self.classes }
    }

    pub fn fit<F: Fit<Model = Ensemble>>(&self, settings: &F, weight: Option<&[f64]>) -> Ensemble {
        self.outcome(settings, weight, &Context::new(1)).model
    }

    pub fn outcome<F: Fit<Model = Ensemble>>(
        &self,
        settings: &F,
        weight: Option<&[f64]>,
        ctx: &Context,
    ) -> Outcome<Ensemble> {
        self.with(weight, |samples| settings.fit(samples, None, ctx).unwrap())
    }

    pub fn with<T>(&self, weight: Option<&[f64]>, then: impl FnOnce(&Samples<'_>) -> T) -> T {
        let columns: Vec<Column<'_>> = self.columns.iter().map(|c| Column::F64(c)).collect();
        let codes: Vec<u32> = self.y.iter().map(|&y| y as u32).collect();
        let y = match self.classes {
            0 => Target::Values(&self.y),
            count => Target::Classes { codes: &codes, count },
        };
        then(&Samples { weight, ..Samples::new(Design { columns: &columns, rows: self.y.len() }, y) })
    }

    pub fn predict(&self, model: &Ensemble) -> Vec<f64> {
        predict(&self.columns, self.y.len(), self.classes.max(1), model)
    }

    pub fn log_loss(&self, p: &[f64]) -> f64 {
        let k = self.classes;
        let losses = p.chunks_exact(k).zip(&self.y).map(|(p, &y)| -p[y as usize].max(1e-15).ln());
        losses.sum::<f64>() / self.y.len() as f64
    }

    pub fn rmse(&self, p: &[f64]) -> f64 {
        (p.iter().zip(&self.y).map(|(p, y)| (p - y).powi(2)).sum::<f64>() / self.y.len() as f64).sqrt()
    }

    pub fn roc_auc(&self, p: &[f64]) -> f64 {
        let score = |i: usize| p[2 * i + 1];
        let (mut wins, mut pairs) = (0.0, 0.0);
        for i in (0..self.y.len()).filter(|&i| self.y[i] == 1.0) {
            for j in (0..self.y.len()).filter(|&j| self.y[j] == 0.0) {
                pairs += 1.0;
                wins += if score(i) > score(j) {
                    1.0
                } else if score(i) == score(j) {
                    0.5
                } else {
                    0.0
                };
            }
        }
        wins / pairs
    }
}

pub fn predict(columns: &[Vec<f64>], rows: usize, k: usize, model: &Ensemble) -> Vec<f64> {
    let columns: Vec<Column<'_>> = columns.iter().map(|c| Column::F64(c)).collect();
    answers(&columns, rows, k, model)
}

pub fn answers(columns: &[Column<'_>], rows: usize, k: usize, model: &Ensemble) -> Vec<f64> {
    let mut out = vec![0.0; rows * k];
    model.predict(&Design { columns, rows }, &mut out);
    out
}

pub fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

pub fn numbers2(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

pub fn flat(value: &Value) -> Vec<f64> {
    numbers2(value).concat()
}

pub fn near(ours: &[f64], theirs: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), theirs.len());
    let worst = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst <= tolerance, "they differ by {worst}");
}

pub fn halves(table: &Table) -> (Table, Table) {
    (table.rows(|i| i % 4 != 3), table.rows(|i| i % 4 == 3))
}

/// The settings of the peers.
pub fn like_light() -> Gbdt {
    Gbdt { n_estimators: 60, max_leaf_nodes: 15, min_samples_leaf: 10, l2_regularization: 0.0, ..Gbdt::default() }
}

/// Settings under which the smallest table grows.
pub fn eager() -> Gbdt {
    Gbdt {
        n_estimators: 5,
        min_samples_leaf: 1,
        min_child_weight: 0.0,
        min_samples_group: 1,
        cat_smooth: 0.0,
        l2_regularization: 0.0,
        ..Gbdt::default()
    }
}

pub fn saved(model: &Ensemble) -> Parts {
    let mut parts = Parts::new(Ensemble::FORMAT);
    model.save(&mut parts).unwrap();
    parts
}

/// The answer of the saved trees where only some features are known, by the shares of the training rows.
pub struct Opened<'a> {
    pub parts: &'a Parts,
}

impl Opened<'_> {
    /// The leaf of a tree that a row of numbers falls into.
    pub fn leaf(&self, row: &[f64], tree: usize) -> i32 {
        let ends: &[u32] = self.parts.get("node_ends").unwrap();
        let leaf_ends: &[u32] = self.parts.get("leaf_ends").unwrap();
        let (start, leaf) = if tree == 0 { (0, 0) } else { (ends[tree - 1], leaf_ends[tree - 1]) };
        let mut at = if start == ends[tree] { !(leaf as i32) } else { start as i32 };
        while at >= 0 {
            let (feature, cut) =
                (self.parts.get::<u32>("feature").unwrap(), self.parts.get::<u32>("cut").unwrap()[at as usize]);
            let x = row[(feature[at as usize] & 0x3fff_ffff) as usize];
            let side = if x <= f64::from(f32::from_bits(cut)) { "left" } else { "right" };
            at = self.parts.get::<i32>(side).unwrap()[at as usize];
        }
        at
    }

    pub fn known(&self, row: &[f64], known: u32, tree: usize) -> Vec<f64> {
        let ends: &[u32] = self.parts.get("node_ends").unwrap();
        let leaf_ends: &[u32] = self.parts.get("leaf_ends").unwrap();
        let (start, leaf) = if tree == 0 { (0, 0) } else { (ends[tree - 1], leaf_ends[tree - 1]) };
        let root = if start == ends[tree] { !(leaf as i32) } else { start as i32 };
        self.node(row, known, root)
    }

    fn node(&self, row: &[f64], known: u32, at: i32) -> Vec<f64> {
        let values: &[f64] = self.parts.get("value").unwrap();
        let (node_cover, leaf_cover): (&[f64], &[f64]) =
            (self.parts.get("node_cover").unwrap(), self.parts.get("leaf_cover").unwrap());
        let width = values.len() / leaf_cover.len();
        if at < 0 {
            return values[!at as usize * width..(!at as usize + 1) * width].to_vec();
        }
        let at = at as usize;
        let feature = self.parts.get::<u32>("feature").unwrap()[at];
        let sides = [self.parts.get::<i32>("left").unwrap()[at], self.parts.get::<i32>("right").unwrap()[at]];
        let (index, missing_left) = ((feature & 0x3fff_ffff) as usize, feature >> 30 & 1 == 1);
        let x = row[index];
        let threshold = f64::from(f32::from_bits(self.parts.get::<u32>("cut").unwrap()[at]));
        if known >> index & 1 == 1 {
            let left = if x.is_nan() { missing_left } else { x <= threshold };
            return self.node(row, known, sides[usize::from(!left)]);
        }
        let cover = |child: i32| if child < 0 { leaf_cover[!child as usize] } else { node_cover[child as usize] };
        let [left, right] = sides.map(|side| (cover(side) / node_cover[at], self.node(row, known, side)));
        left.1.iter().zip(&right.1).map(|(a, b)| left.0 * a + right.0 * b).collect()
    }
}
