//! Trees: against LightGBM and scikit-learn (`tests/reference/learn_tree.py`), brute force, and what must
//! hold whatever the data.

use arkwright_core::{Context, Event, Observer, Parts, Random, Stop};
use arkwright_learn::tree::{DecisionTree, Ensemble, ExtraTrees, Gbdt, MaxFeatures, RandomForest};
use arkwright_learn::{Column, Design, Fit, MISSING, Outcome, Predict, Samples, Target};
use proptest::prelude::*;
use serde_json::Value;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

// A table, and what a peer made of it.

struct Table {
    columns: Vec<Vec<f64>>,
    y: Vec<f64>,
    classes: usize,
}

impl Table {
    fn fixture(name: &str) -> (Self, Value) {
        let all: Value = serde_json::from_str(include_str!("../fixtures/tree.json")).unwrap();
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

    /// Numbers that follow a rule, with noise.
    fn made(n: usize, p: usize, classes: usize, seed: u64) -> Self {
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

    fn rows(&self, keep: impl Fn(usize) -> bool) -> Self {
        let pick = |v: &Vec<f64>| v.iter().enumerate().filter(|(i, _)| keep(*i)).map(|(_, &x)| x).collect::<Vec<f64>>();
        Self { columns: self.columns.iter().map(pick).collect(), y: pick(&self.y), classes: self.classes }
    }

    fn fit<F: Fit<Model = Ensemble>>(&self, settings: &F, weight: Option<&[f64]>) -> Ensemble {
        self.outcome(settings, weight, &Context::new(1)).model
    }

    fn outcome<F: Fit<Model = Ensemble>>(
        &self,
        settings: &F,
        weight: Option<&[f64]>,
        ctx: &Context,
    ) -> Outcome<Ensemble> {
        self.with(weight, |samples| settings.fit(samples, None, ctx).unwrap())
    }

    fn with<T>(&self, weight: Option<&[f64]>, then: impl FnOnce(&Samples<'_>) -> T) -> T {
        let columns: Vec<Column<'_>> = self.columns.iter().map(|c| Column::F64(c)).collect();
        let codes: Vec<u32> = self.y.iter().map(|&y| y as u32).collect();
        let y = match self.classes {
            0 => Target::Values(&self.y),
            count => Target::Classes { codes: &codes, count },
        };
        then(&Samples { weight, ..Samples::new(Design { columns: &columns, rows: self.y.len() }, y) })
    }

    fn predict(&self, model: &Ensemble) -> Vec<f64> {
        predict(&self.columns, self.y.len(), self.classes.max(1), model)
    }

    fn log_loss(&self, p: &[f64]) -> f64 {
        let k = self.classes;
        let losses = p.chunks_exact(k).zip(&self.y).map(|(p, &y)| -p[y as usize].max(1e-15).ln());
        losses.sum::<f64>() / self.y.len() as f64
    }

    fn rmse(&self, p: &[f64]) -> f64 {
        (p.iter().zip(&self.y).map(|(p, y)| (p - y).powi(2)).sum::<f64>() / self.y.len() as f64).sqrt()
    }

    fn roc_auc(&self, p: &[f64]) -> f64 {
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

fn predict(columns: &[Vec<f64>], rows: usize, k: usize, model: &Ensemble) -> Vec<f64> {
    let columns: Vec<Column<'_>> = columns.iter().map(|c| Column::F64(c)).collect();
    answers(&columns, rows, k, model)
}

fn answers(columns: &[Column<'_>], rows: usize, k: usize, model: &Ensemble) -> Vec<f64> {
    let mut out = vec![0.0; rows * k];
    model.predict(&Design { columns, rows }, &mut out);
    out
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn numbers2(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

fn flat(value: &Value) -> Vec<f64> {
    numbers2(value).concat()
}

fn near(ours: &[f64], theirs: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), theirs.len());
    let worst = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst <= tolerance, "they differ by {worst}");
}

fn halves(table: &Table) -> (Table, Table) {
    (table.rows(|i| i % 4 != 3), table.rows(|i| i % 4 == 3))
}

/// The settings of the peers.
fn like_light() -> Gbdt {
    Gbdt { n_estimators: 60, max_leaf_nodes: 15, min_samples_leaf: 10, l2_regularization: 0.0, ..Gbdt::default() }
}

/// Settings under which the smallest table grows.
fn eager() -> Gbdt {
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

// Against peers.

#[test]
fn one_boosted_tree_is_lightgbms_number_by_number() {
    let one = Gbdt { n_estimators: 1, ..like_light() };
    let (table, peer) = Table::fixture("diabetes");
    let (train, _) = halves(&table);
    near(&train.predict(&train.fit(&one, None)), &numbers(&peer["one_tree"]), 1e-5);
    for name in ["breast_cancer", "wine"] {
        let (table, peer) = Table::fixture(name);
        let (train, _) = halves(&table);
        near(&train.predict(&train.fit(&one, None)), &flat(&peer["one_tree"]), 1e-6);
    }
}

#[test]
fn boosting_scores_as_lightgbm_and_scikit_learn_do() {
    for name in ["breast_cancer", "wine"] {
        let (table, peer) = Table::fixture(name);
        let (train, test) = halves(&table);
        let p = test.predict(&train.fit(&like_light(), None));
        let worse = ["lightgbm", "histogram"]
            .map(|who| peer[who]["log_loss"].as_f64().unwrap())
            .into_iter()
            .fold(0.0, f64::max);
        assert!(test.log_loss(&p) < worse + 0.01, "{name}: {} against {worse}", test.log_loss(&p));
        if table.classes == 2 {
            let theirs = peer["lightgbm"]["roc_auc"].as_f64().unwrap();
            assert!(test.roc_auc(&p) > theirs - 0.003, "{} against {theirs}", test.roc_auc(&p));
        }
    }
    let (table, peer) = Table::fixture("diabetes");
    let (train, test) = halves(&table);
    let rmse = test.rmse(&test.predict(&train.fit(&like_light(), None)));
    let theirs = peer["lightgbm"]["rmse"].as_f64().unwrap();
    assert!(rmse < theirs * 1.01, "{rmse} against {theirs}");
}

#[test]
fn a_small_tree_is_scikit_learns_number_by_number() {
    let (table, peer) = Table::fixture("diabetes");
    let (train, _) = halves(&table);
    let settings = DecisionTree { max_leaf_nodes: Some(8), ..DecisionTree::default() };
    near(&train.predict(&train.fit(&settings, None)), &numbers(&peer["small_tree"]), 1e-8);
    let (table, peer) = Table::fixture("wine");
    let (train, _) = halves(&table);
    let settings = DecisionTree { max_leaf_nodes: Some(6), ..DecisionTree::default() };
    near(&train.predict(&train.fit(&settings, None)), &flat(&peer["small_tree"]), 1e-8);
}

#[test]
fn forests_score_as_scikit_learns_do() {
    for name in ["breast_cancer", "wine"] {
        let (table, peer) = Table::fixture(name);
        let (train, test) = halves(&table);
        for (who, p) in [
            ("random_forest", test.predict(&train.fit(&RandomForest::default(), None))),
            ("extra_trees", test.predict(&train.fit(&ExtraTrees::default(), None))),
        ] {
            let theirs = peer[who]["log_loss"].as_f64().unwrap();
            assert!(test.log_loss(&p) < theirs + 0.05, "{name} {who}: {} against {theirs}", test.log_loss(&p));
        }
    }
    let (table, peer) = Table::fixture("diabetes");
    let (train, test) = halves(&table);
    for (who, p) in [
        ("random_forest", test.predict(&train.fit(&RandomForest::default(), None))),
        ("extra_trees", test.predict(&train.fit(&ExtraTrees::default(), None))),
    ] {
        let theirs = peer[who]["rmse"].as_f64().unwrap();
        assert!(test.rmse(&p) < theirs * 1.03, "{who}: {} against {theirs}", test.rmse(&p));
    }
}

// Against brute force.

/// The least squared error that one split of numbers reaches, and of the same with the missing on either side.
fn best_split(columns: &[Vec<f64>], y: &[f64], w: &[f64]) -> f64 {
    let error = |rows: &[usize]| {
        let total: f64 = rows.iter().map(|&i| w[i]).sum();
        let mean = rows.iter().map(|&i| w[i] * y[i]).sum::<f64>() / total;
        rows.iter().map(|&i| w[i] * (y[i] - mean).powi(2)).sum::<f64>()
    };
    let all: Vec<usize> = (0..y.len()).collect();
    let mut best = error(&all);
    for column in columns {
        for &t in column.iter().chain([&f64::INFINITY]).filter(|t| !t.is_nan()) {
            for missing_left in [false, true] {
                let goes = |&i: &usize| if column[i].is_nan() { missing_left } else { column[i] <= t };
                let (left, right): (Vec<usize>, Vec<usize>) = all.iter().copied().partition(goes);
                if !left.is_empty() && !right.is_empty() {
                    best = best.min(error(&left) + error(&right));
                }
            }
        }
    }
    best
}

fn rows_of_numbers() -> impl Strategy<Value = (Vec<Vec<f64>>, Vec<f64>, Vec<f64>)> {
    (2usize..40).prop_flat_map(|n| {
        let cell = prop_oneof![4 => (-5i32..5).prop_map(f64::from), 1 => Just(f64::NAN)];
        (
            prop::collection::vec(prop::collection::vec(cell, n), 1..4),
            prop::collection::vec((-50i32..50).prop_map(|v| f64::from(v) / 10.0), n),
            prop::collection::vec((1i32..4).prop_map(f64::from), n),
        )
    })
}

proptest! {
    #[test]
    fn a_stump_is_the_best_of_all_splits((columns, y, w) in rows_of_numbers()) {
        let table = Table { columns, y, classes: 0 };
        let best = best_split(&table.columns, &table.y, &w);
        let error = |p: &[f64]| p.iter().zip(&table.y).zip(&w).map(|((p, y), w)| w * (p - y).powi(2)).sum::<f64>();
        let stump = Gbdt { n_estimators: 1, learning_rate: 1.0, max_leaf_nodes: 2, ..eager() };
        let boosted = error(&table.predict(&table.fit(&stump, Some(&w))));
        prop_assert!((boosted - best).abs() < 1e-4, "{boosted} {best}");
        let stump = DecisionTree { max_depth: Some(1), ..DecisionTree::default() };
        let grown = error(&table.predict(&table.fit(&stump, Some(&w))));
        prop_assert!((grown - best).abs() < 1e-6, "{grown} {best}");
    }

    #[test]
    fn a_subset_of_levels_is_the_best_of_all((codes, y) in (3usize..30).prop_flat_map(|n| (
        prop::collection::vec(prop_oneof![6 => 0u32..6, 1 => Just(MISSING)], n),
        prop::collection::vec((-50i32..50).prop_map(f64::from), n),
    ))) {
        let n = y.len();
        let columns = [Column::Level { codes: &codes, levels: 6 }];
        let x = Design { columns: &columns, rows: n };
        let error = |p: &[f64]| p.iter().zip(&y).map(|(p, y)| (p - y).powi(2)).sum::<f64>();
        let mut best = f64::INFINITY;
        for set in 0..128u32 {
            let goes = |i: usize| set >> codes[i].min(6) & 1 == 1;
            let mean = |side: bool| {
                let rows: Vec<f64> = (0..n).filter(|&i| goes(i) == side).map(|i| y[i]).collect();
                rows.iter().sum::<f64>() / rows.len().max(1) as f64
            };
            let (left, right) = (mean(true), mean(false));
            let p: Vec<f64> = (0..n).map(|i| if goes(i) { left } else { right }).collect();
            best = best.min(error(&p));
        }
        let samples = Samples::new(x, Target::Values(&y));
        let tree = DecisionTree { max_depth: Some(1), ..DecisionTree::default() }.fit(&samples, None, &Context::new(1)).unwrap().model;
        let grown = error(&answers(&columns, n, 1, &tree));
        prop_assert!((grown - best).abs() < 1e-6, "{grown} {best}");
        let stump = Gbdt { n_estimators: 1, learning_rate: 1.0, max_leaf_nodes: 2, cat_l2: 0.0, max_cat_to_onehot: 0, ..eager() };
        let boosted = error(&answers(&columns, n, 1, &stump.fit(&samples, None, &Context::new(1)).unwrap().model));
        prop_assert!((boosted - best).abs() < 1e-3, "{boosted} {best}");
    }
}

// Shapley values.

/// The answer of the saved trees where only some features are known, by the shares of the training rows.
struct Opened<'a> {
    parts: &'a Parts,
}

impl Opened<'_> {
    fn known(&self, row: &[f64], known: u32, tree: usize) -> Vec<f64> {
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

fn shapley(value: impl Fn(u32) -> f64, p: u32) -> Vec<f64> {
    let factorial = |n: u32| (1..=n).map(f64::from).product::<f64>();
    (0..p)
        .map(|j| {
            (0..1u32 << p)
                .filter(|set| set >> j & 1 == 0)
                .map(|set| {
                    let size = set.count_ones();
                    factorial(size) * factorial(p - size - 1) / factorial(p) * (value(set | 1 << j) - value(set))
                })
                .sum()
        })
        .collect()
}

#[test]
fn attributions_are_the_shapley_values_of_brute_force() {
    for classes in [0, 2, 3] {
        let mut table = Table::made(120, 5, classes, 3);
        table.columns[1][7] = f64::NAN;
        table.columns[3][9] = f64::NAN;
        let weight: Vec<f64> = (0..120).map(|i| 1.0 + f64::from(i % 3)).collect();
        let boosted = table
            .fit(&Gbdt { n_estimators: 4, max_leaf_nodes: 9, min_samples_leaf: 3, ..Gbdt::default() }, Some(&weight));
        let forest =
            table.fit(&RandomForest { n_estimators: 3, max_depth: Some(6), ..RandomForest::default() }, Some(&weight));
        for (model, is_forest) in [(boosted, false), (forest, true)] {
            let mut parts = Parts::new("trees");
            model.save(&mut parts).unwrap();
            let opened = Opened { parts: &parts };
            let columns: Vec<Column<'_>> = table.columns.iter().map(|c| Column::F64(&c[..12])).collect();
            let (values, base) = model.attribute(&Design { columns: &columns, rows: 12 }).unwrap();
            let k = base.len();
            let scale = if is_forest { 1.0 / model.trees() as f64 } else { 1.0 };
            for row in 0..12 {
                let x: Vec<f64> = table.columns.iter().map(|c| c[row]).collect();
                for output in 0..k {
                    let value = |known: u32| {
                        let trees = (0..model.trees()).map(|tree| {
                            let leaf = opened.known(&x, known, tree);
                            if leaf.len() == k && k > 1 {
                                leaf[output]
                            } else if tree % k == output {
                                leaf[0]
                            } else {
                                0.0
                            }
                        });
                        trees.sum::<f64>() * scale
                    };
                    let expected = shapley(value, 5);
                    let at = (row * k + output) * 5;
                    near(&values[at..at + 5], &expected, 1e-9);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn attributions_add_up_to_the_raw_answer(seed: u64, classes in prop_oneof![Just(0usize), Just(2), Just(3)], missing in 0usize..50) {
        let mut table = Table::made(150, 4, classes, seed);
        table.columns[0][..missing].fill(f64::NAN);
        let columns: Vec<Column<'_>> = table.columns.iter().map(|c| Column::F64(c)).collect();
        let x = Design { columns: &columns, rows: 150 };
        let gbdt = table.fit(&Gbdt { n_estimators: 8, min_samples_leaf: 2, ..Gbdt::default() }, None);
        let forest = table.fit(&RandomForest { n_estimators: 5, ..RandomForest::default() }, None);
        for (model, is_forest) in [(gbdt, false), (forest, true)] {
            let p = table.predict(&model);
            let (values, base) = model.attribute(&x).unwrap();
            let k = base.len();
            for row in 0..150 {
                let raw: Vec<f64> = (0..k).map(|o| base[o] + values[(row * k + o) * 4..(row * k + o + 1) * 4].iter().sum::<f64>()).collect();
                let expected: Vec<f64> = match (classes, is_forest) {
                    (0, _) => vec![p[row]],
                    (2, true) => vec![p[2 * row + 1]],
                    (2, false) => vec![(p[2 * row + 1] / p[2 * row]).ln()],
                    (k, true) => p[row * k..(row + 1) * k].to_vec(),
                    (k, false) => {
                        let mean = raw.iter().sum::<f64>() / k as f64;
                        let logs: Vec<f64> = p[row * k..(row + 1) * k].iter().map(|p| p.ln()).collect();
                        let shift = mean - logs.iter().sum::<f64>() / k as f64;
                        logs.into_iter().map(|l| l + shift).collect()
                    }
                };
                for (raw, expected) in raw.iter().zip(&expected) {
                    prop_assert!((raw - expected).abs() < 1e-8, "{raw} {expected}");
                }
            }
        }
    }
}

// What must hold whatever the data.

#[test]
fn weights_count_as_repetition_does() {
    for classes in [0, 2, 3] {
        let table = Table::made(200, 3, classes, 5);
        let weight: Vec<f64> = (0..200).map(|i| f64::from(i % 4)).collect();
        let repeat =
            |v: &Vec<f64>| v.iter().enumerate().flat_map(|(i, &x)| std::iter::repeat_n(x, i % 4)).collect::<Vec<f64>>();
        let repeated = Table { columns: table.columns.iter().map(repeat).collect(), y: repeat(&table.y), classes };
        // Asked on the rows that count: of equal splits, rounding may choose another for the rest. Classes
        // have many equal splits, which boosting does not see as quite equal, so there it is one of numbers.
        if classes == 0 {
            let boosted = Gbdt { n_estimators: 20, ..eager() };
            near(
                &repeated.predict(&table.fit(&boosted, Some(&weight))),
                &repeated.predict(&repeated.fit(&boosted, None)),
                1e-5,
            );
        }
        let tree = DecisionTree { max_leaf_nodes: Some(6), ..DecisionTree::default() };
        near(&repeated.predict(&table.fit(&tree, Some(&weight))), &repeated.predict(&repeated.fit(&tree, None)), 1e-9);
    }
}

#[test]
fn one_thread_and_four_give_the_same_bytes() {
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut all = Vec::new();
            for classes in [0, 2, 3] {
                let table = Table::made(if classes == 2 { 70_000 } else { 5_000 }, 3, classes, 9);
                let few = Gbdt { n_estimators: 4, subsample: 0.7, max_features: 0.7, ..Gbdt::default() };
                let whole =
                    Gbdt { n_estimators: 4, max_bins: if classes == 2 { 255 } else { 1000 }, ..Gbdt::default() };
                let forest = RandomForest { n_estimators: 4, max_depth: Some(8), ..RandomForest::default() };
                let tree = DecisionTree { max_depth: Some(8), ..DecisionTree::default() };
                for model in
                    [table.fit(&few, None), table.fit(&whole, None), table.fit(&forest, None), table.fit(&tree, None)]
                {
                    let mut parts = Parts::new("trees");
                    model.save(&mut parts).unwrap();
                    let answers = table.predict(&model);
                    all.push((parts, answers.iter().map(|p| p.to_bits()).collect::<Vec<u64>>()));
                }
            }
            all
        })
    };
    assert!(run(1) == run(4));
}

#[test]
fn a_row_alone_is_answered_to_the_bit_as_in_a_batch() {
    for classes in [0, 2, 3] {
        let table = Table::made(3000, 4, classes, 11);
        for model in [
            table.fit(&Gbdt { n_estimators: 21, ..Gbdt::default() }, None),
            table.fit(&RandomForest { n_estimators: 11, ..RandomForest::default() }, None),
        ] {
            let batch = table.predict(&model);
            let k = classes.max(1);
            for row in (0..3000).step_by(7) {
                let alone: Vec<Vec<f64>> = table.columns.iter().map(|c| vec![c[row]]).collect();
                let alone = predict(&alone, 1, k, &model);
                assert!(alone.iter().zip(&batch[row * k..]).all(|(a, b)| a.to_bits() == b.to_bits()));
            }
        }
    }
}

fn saved(model: &Ensemble) -> Parts {
    let mut parts = Parts::new(Ensemble::FORMAT);
    model.save(&mut parts).unwrap();
    parts
}

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
    fn a_damaged_model_is_an_error_or_still_answers(blob in 0usize..11, at: prop::sample::Index, bits: u64, cut: bool) {
        let table = Table::made(60, 3, 2, 17);
        let mut columns: Vec<Column<'_>> = table.columns[..2].iter().map(|c| Column::F64(c)).collect();
        let codes: Vec<u32> = (0..60).map(|i| i % 5).collect();
        columns.push(Column::Level { codes: &codes, levels: 5 });
        let x = Design { columns: &columns, rows: 60 };
        let labels: Vec<u32> = table.y.iter().map(|&y| y as u32).collect();
        let samples = Samples::new(x, Target::Classes { codes: &labels, count: 2 });
        let mut parts = saved(&eager().fit(&samples, None, &Context::new(1)).unwrap().model);
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

#[test]
fn the_strangest_tables_are_learnt() {
    let n = 40;
    let y: Vec<f64> = (0..n).map(|i| f64::from(i % 2)).collect();
    let signal: Vec<f64> = (0..n).map(|i| f64::from(i % 2) * 2.0 - 1.0).collect();
    let tables = [
        vec![vec![f64::NAN; n as usize], signal.clone()],
        vec![vec![3.0; n as usize], signal.clone()],
        vec![signal.iter().map(|&x| if x > 0.0 { x } else { f64::NAN }).collect()],
        vec![signal.iter().map(|&x| x * 1e300).collect()],
        vec![signal.iter().map(|&x| x * 1e-300).collect(), signal.clone()],
    ];
    for columns in tables {
        for classes in [0, 2] {
            let table = Table { columns: columns.clone(), y: y.clone(), classes };
            for model in [
                table.fit(&eager(), None),
                table.fit(&DecisionTree::default(), None),
                table.fit(&RandomForest::default(), None),
                table.fit(&ExtraTrees::default(), None),
            ] {
                let p = table.predict(&model);
                let k = classes.max(1);
                assert!((0..n as usize).all(|i| (p[i * k + k - 1] > 0.5) == (y[i] > 0.5)), "{:?}", &p[..4]);
            }
        }
    }
}

#[test]
fn two_rows_a_row_a_leaf_and_no_columns_are_learnt() {
    let two = Table { columns: vec![vec![1.0, 2.0]], y: vec![0.0, 1.0], classes: 2 };
    assert_eq!(two.predict(&two.fit(&DecisionTree::default(), None)), [1.0, 0.0, 0.0, 1.0]);
    assert!(two.predict(&two.fit(&eager(), None))[3] > 0.5);
    assert_eq!(two.predict(&two.fit(&Gbdt::default(), None)), [0.5; 4]);
    let none = Table { columns: vec![], y: vec![1.0, 3.0], classes: 0 };
    assert_eq!(none.predict(&none.fit(&eager(), None)), [2.0, 2.0]);
    assert_eq!(
        none.predict(&none.fit(&RandomForest { bootstrap: false, ..RandomForest::default() }, None)),
        [2.0, 2.0]
    );
    let each = Table::made(200, 3, 0, 23);
    let tree = each.fit(&DecisionTree::default(), None);
    assert_eq!(tree.leaves(), 200);
    near(&each.predict(&tree), &each.y, 1e-12);
}

#[test]
fn a_category_never_seen_goes_the_way_of_the_missing() {
    let codes: Vec<u32> = (0..400).map(|i| if i % 8 == 7 { MISSING } else { i % 8 }).collect();
    let y: Vec<f64> = (0..400).map(|i| f64::from(i % 8) / 7.0).collect();
    let columns = [Column::Level { codes: &codes, levels: 9 }];
    let samples = Samples::new(Design { columns: &columns, rows: 400 }, Target::Values(&y));
    for model in [
        Gbdt { n_estimators: 50, min_samples_group: 1, ..Gbdt::default() }
            .fit(&samples, None, &Context::new(1))
            .unwrap()
            .model,
        DecisionTree::default().fit(&samples, None, &Context::new(1)).unwrap().model,
    ] {
        // Code 8 was in no row, codes from 9 on are not even levels.
        let asked = [MISSING, 8, 9, 4_000_000, 0];
        let p = answers(&[Column::Level { codes: &asked, levels: 9 }], 5, 1, &model);
        assert!(p[0] > 0.9 && p[4] < 0.1, "{p:?}");
        assert!(p[1..4].iter().all(|other| *other == p[0]), "{p:?}");
    }
}

#[test]
fn a_column_of_another_kind_counts_as_missing() {
    let table = Table::made(100, 2, 0, 29);
    let model = table.fit(&eager(), None);
    let codes = vec![0; 100];
    let absent = vec![f64::NAN; 100];
    let strange = answers(&[Column::Level { codes: &codes, levels: 3 }], 100, 1, &model);
    let missing = answers(&[Column::F64(&absent), Column::F64(&absent)], 100, 1, &model);
    assert_eq!(strange, missing);
}

#[test]
fn a_block_is_its_numbers_side_by_side() {
    let table = Table::made(300, 3, 0, 31);
    let block: Vec<f64> = (0..300).flat_map(|i| [table.columns[1][i], table.columns[2][i]]).collect();
    let columns = [Column::F64(&table.columns[0]), Column::Block { values: &block, width: 2 }];
    let x = Design { columns: &columns, rows: 300 };
    let samples = Samples::new(x, Target::Values(&table.y));
    let blocked = eager().fit(&samples, None, &Context::new(1)).unwrap().model;
    let flat = table.fit(&eager(), None);
    assert_eq!(answers(&columns, 300, 1, &blocked), table.predict(&flat));
    let columns3: Vec<Column<'_>> = table.columns.iter().map(|c| Column::F64(c)).collect();
    let (two, _) = blocked.attribute(&x).unwrap();
    let (three, _) = flat.attribute(&Design { columns: &columns3, rows: 300 }).unwrap();
    for (two, three) in two.chunks_exact(2).zip(three.chunks_exact(3)) {
        near(two, &[three[0], three[1] + three[2]], 1e-12);
    }
}

#[test]
fn numbers_of_32_bits_are_read_as_they_are() {
    let table = Table::made(300, 3, 0, 37);
    let short: Vec<Vec<f32>> = table.columns.iter().map(|c| c.iter().map(|&x| x as f32).collect()).collect();
    let long: Vec<Vec<f64>> = short.iter().map(|c| c.iter().map(|&x| f64::from(x)).collect()).collect();
    let columns: Vec<Column<'_>> = short.iter().map(|c| Column::F32(c)).collect();
    let samples = Samples::new(Design { columns: &columns, rows: 300 }, Target::Values(&table.y));
    let model = eager().fit(&samples, None, &Context::new(1)).unwrap().model;
    assert_eq!(answers(&columns, 300, 1, &model), predict(&long, 300, 1, &model));
}

#[test]
fn patience_keeps_the_best_round() {
    let (train, valid) = halves(&Table::made(400, 4, 2, 41));
    let settings = Gbdt { n_estimators: 300, learning_rate: 0.3, patience: Some(10), ..Gbdt::default() };
    let outcome =
        train.with(None, |train| valid.with(None, |valid| settings.fit(train, Some(valid), &Context::new(1)).unwrap()));
    let losses = numbers(&outcome.notes["valid_loss"]);
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(losses.len() < 300 && outcome.model.trees() == losses.len() - 10);
    assert_eq!(outcome.model.trees() as u64, outcome.notes["best_round"].as_u64().unwrap());
    assert!((valid.log_loss(&valid.predict(&outcome.model)) - best).abs() < 1e-9);
    assert!(!outcome.stopped);
}

struct After(u64);

impl Observer for After {
    fn on(&self, _path: &str, event: Event<'_>) -> ControlFlow<Stop> {
        match event {
            Event::Step { done } if done >= self.0 => ControlFlow::Break(Stop),
            _ => ControlFlow::Continue(()),
        }
    }
}

#[test]
fn a_fit_that_is_stopped_keeps_what_was_done() {
    let table = Table::made(200, 3, 0, 43);
    let ctx = Context::new(1).with_observer(Arc::new(After(7)));
    let stopped = table.outcome(&Gbdt::default(), None, &ctx);
    assert!(stopped.stopped);
    assert_eq!(
        table.predict(&stopped.model),
        table.predict(&table.fit(&Gbdt { n_estimators: 7, ..Gbdt::default() }, None))
    );
    let forest = table.outcome(&RandomForest::default(), None, &ctx);
    assert!(forest.stopped && forest.model.trees() >= 7 && forest.model.trees() < 100);
    let ctx = Context::new(1).with_stop(Arc::new(AtomicBool::new(true)));
    assert_eq!(table.outcome(&Gbdt::default(), None, &ctx).model.trees(), 1);
}

#[test]
fn a_limit_of_memory_is_kept() {
    let table = Table::made(1000, 3, 0, 47);
    let ctx = Context::new(1).with_memory(Some(100));
    let error = table.with(None, |samples| Gbdt::default().fit(samples, None, &ctx).err().unwrap());
    assert!(error.to_string().contains("needs about 8000 bytes"), "{error}");
}

#[test]
fn limits_of_a_tree_are_kept() {
    let table = Table::made(1000, 4, 0, 53);
    let leaves = |settings: DecisionTree| table.fit(&settings, None).leaves();
    assert_eq!(leaves(DecisionTree { max_depth: Some(3), ..DecisionTree::default() }), 8);
    assert_eq!(leaves(DecisionTree { max_leaf_nodes: Some(13), ..DecisionTree::default() }), 13);
    assert!(leaves(DecisionTree { min_samples_leaf: 100, ..DecisionTree::default() }) <= 10);
    assert!(leaves(DecisionTree { min_samples_split: 500, ..DecisionTree::default() }) < 50);
    assert_eq!(leaves(DecisionTree { min_impurity_decrease: 1e6, ..DecisionTree::default() }), 1);
    let half = DecisionTree { max_features: Some(MaxFeatures::Share(0.5)), ..DecisionTree::default() };
    assert_eq!(leaves(half), 1000);
    let boosted =
        table.fit(&Gbdt { n_estimators: 1, max_depth: Some(2), min_samples_leaf: 1, ..Gbdt::default() }, None);
    assert_eq!(boosted.leaves(), 4);
}

#[test]
fn ten_thousand_columns_whose_histograms_cannot_all_be_kept_are_learnt_from() {
    let mut table = Table::made(120, 10_000, 0, 3);
    // The last column tells the target, the others nothing.
    table.y = (0..120).map(|i| f64::from(u8::from(i % 3 == 0)) + f64::from(u8::from(i % 2 == 0))).collect();
    *table.columns.last_mut().unwrap() = table.y.clone();
    let settings =
        Gbdt { n_estimators: 2, learning_rate: 1.0, min_samples_leaf: 2, l2_regularization: 0.0, ..Gbdt::default() };
    let answers = predict(&table.columns, 120, 1, &table.fit(&settings, None));
    assert!(answers.iter().zip(&table.y).all(|(a, y)| (a - y).abs() < 1e-6), "{answers:?}");
}

#[test]
fn many_bins_tell_more_values_apart() {
    let n = 3000;
    let column: Vec<f64> = (0..n).map(f64::from).collect();
    let y: Vec<f64> = (0..n).map(|i| f64::from(i32::from(i == 1500))).collect();
    let table = Table { columns: vec![column], y, classes: 0 };
    let settings = |max_bins| Gbdt { n_estimators: 1, learning_rate: 1.0, max_bins, ..eager() };
    assert!(table.rmse(&table.predict(&table.fit(&settings(255), None))) > 1e-3);
    assert!(table.rmse(&table.predict(&table.fit(&settings(4000), None))) < 1e-6);
}
