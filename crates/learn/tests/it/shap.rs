//! What trees tell besides their answers: against LightGBM and shap (`tests/reference/learn_shap.py`), brute
//! force, and what must add up.

use arkwright_core::{Context, Parts, Random};
use arkwright_learn::tree::{Ensemble, Gbdt, RandomForest, Shapley};
use arkwright_learn::{Column, Design, Fit, Predict, Samples, Target};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::ops::ControlFlow;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
}

fn table(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

fn near(ours: &[f64], theirs: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), theirs.len());
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "{i}: {a} {b}");
    }
}

fn with<T>(columns: &[Vec<f64>], then: impl FnOnce(&Design<'_>) -> T) -> T {
    let views: Vec<Column<'_>> = columns.iter().map(|c| Column::F64(c)).collect();
    then(&Design { columns: &views, rows: columns[0].len() })
}

/// The peer's trees.
fn loaded(fixture: &Value) -> Ensemble {
    let trees = &fixture["trees"];
    let integers = |name: &str| trees[name].as_array().unwrap().iter().map(|v| v.as_i64().unwrap()).collect::<Vec<_>>();
    let mut parts = Parts::new(Ensemble::FORMAT);
    let columns = vec![json!("number"); fixture["features"].as_u64().unwrap() as usize];
    let count = integers("node_ends").len();
    parts
        .put_json(&json!({ "columns": columns, "link": "identity", "outputs": 1, "width": 1, "trees": count }))
        .unwrap();
    for name in ["node_ends", "leaf_ends", "feature", "cut"] {
        parts.put(name, integers(name).into_iter().map(|v| v as u32).collect::<Vec<_>>());
    }
    for name in ["left", "right"] {
        parts.put(name, integers(name).into_iter().map(|v| v as i32).collect::<Vec<_>>());
    }
    for name in ["base", "node_cover", "leaf_cover", "value"] {
        parts.put(name, numbers(&trees[name]));
    }
    parts.put("sets", Vec::<u32>::new());
    Ensemble::load(&parts).unwrap()
}

fn fixture() -> Value {
    serde_json::from_str(include_str!("../fixtures/shap.json")).unwrap()
}

#[test]
fn raw_answers_leaves_and_values_are_lightgbms() {
    let fixture = fixture();
    let model = loaded(&fixture);
    with(&table(&fixture["rows"]), |x| {
        near(&model.raw(x, 0..model.rounds()), &numbers(&fixture["raw"]), 1e-12);
        near(&model.raw(x, 2..5), &numbers(&fixture["raw_from_2_to_5"]), 1e-12);
        let leaves: Vec<f64> = model.apply(x).into_iter().map(f64::from).collect();
        assert_eq!(leaves, numbers(&fixture["leaf"]));
        let Shapley { values, base } = model.shap_values(x).unwrap();
        // LightGBM puts the base after a row's values.
        let ours: Vec<f64> = values.chunks_exact(5).flat_map(|row| [row, &base[..]].concat()).collect();
        near(&ours, &numbers(&fixture["contrib"]), 1e-10);
    });
}

#[test]
fn interactions_and_interventional_values_are_shaps() {
    let fixture = fixture();
    let model = loaded(&fixture);
    with(&table(&fixture["filled"]), |x| {
        near(&model.shap_interaction_values(x).unwrap().values, &numbers(&fixture["interactions"]), 1e-6);
        with(&table(&fixture["background"]), |background| {
            let Shapley { values, base } = model.shap_values_against(x, background).unwrap();
            near(&values, &numbers(&fixture["interventional"]), 1e-6);
            near(&base, &[fixture["interventional_base"].as_f64().unwrap()], 1e-6);
        });
    });
}

/// A table whose target follows a rule, and models of it.
struct Fitted {
    columns: Vec<Vec<f64>>,
    models: Vec<Ensemble>,
}

impl Fitted {
    fn new(classes: usize, seed: u64) -> Self {
        let (n, mut random) = (150, Random::new(seed, "table"));
        let mut columns: Vec<Vec<f64>> =
            (0..4).map(|_| (0..n).map(|_| (random.normal() * 8.0).round()).collect()).collect();
        let raw: Vec<f64> = (0..n).map(|i| columns[0][i] + columns[1][i] * columns[2][i] / 4.0).collect();
        columns[3][..20].fill(f64::NAN);
        let codes: Vec<u32> =
            raw.iter().map(|r| ((r / 8.0 + 1.5).max(0.0) as u32).min(classes.max(1) as u32 - 1)).collect();
        let y = match classes {
            0 => Target::Values(&raw),
            count => Target::Classes { codes: &codes, count },
        };
        let gbdt = Gbdt { n_estimators: 5, max_leaf_nodes: 9, min_samples_leaf: 3, ..Gbdt::default() };
        let forest = RandomForest { n_estimators: 4, max_depth: Some(6), ..RandomForest::default() };
        let models = with(&columns, |x| {
            let samples = Samples::new(*x, y);
            let ctx = Context::new(seed);
            vec![gbdt.fit(&samples, None, &ctx).unwrap().model, forest.fit(&samples, None, &ctx).unwrap().model]
        });
        Self { columns, models }
    }

    fn rows(&self, rows: std::ops::Range<usize>) -> Vec<Vec<f64>> {
        self.columns.iter().map(|c| c[rows.clone()].to_vec()).collect()
    }
}

/// Raw answers, of a forest the mean of its trees'.
fn raw(model: &Ensemble, forest: bool, x: &Design<'_>) -> Vec<f64> {
    let scale = if forest { 1.0 / model.trees() as f64 } else { 1.0 };
    model.raw(x, 0..model.rounds()).into_iter().map(|r| r * scale).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn values_of_every_kind_add_up_to_the_raw_answers(seed: u64, classes in prop_oneof![Just(0usize), Just(2), Just(3)]) {
        let fitted = Fitted::new(classes, seed);
        for (model, forest) in fitted.models.iter().zip([false, true]) {
            with(&fitted.rows(10..31), |x| {
                let raw = raw(model, forest, x);
                let k = raw.len() / 21;
                let shap = model.shap_values(x).unwrap();
                let pairs = model.shap_interaction_values(x).unwrap();
                let against = with(&fitted.rows(40..57), |background| model.shap_values_against(x, background).unwrap());
                for (i, raw) in raw.iter().enumerate() {
                    for kind in [&shap, &against] {
                        let sum = kind.base[i % k] + kind.values[i * 4..(i + 1) * 4].iter().sum::<f64>();
                        assert!((sum - raw).abs() < 1e-9, "{sum} {raw}");
                    }
                    let table = &pairs.values[i * 16..(i + 1) * 16];
                    for a in 0..4 {
                        near(&[table[a * 4..(a + 1) * 4].iter().sum()], &shap.values[i * 4 + a..=i * 4 + a], 1e-9);
                        (0..4).for_each(|b| assert!((table[a * 4 + b] - table[b * 4 + a]).abs() < 1e-12));
                    }
                }
            });
        }
    }

    #[test]
    fn interventional_values_are_those_of_mixed_rows(seed: u64, classes in prop_oneof![Just(0usize), Just(3)]) {
        let fitted = Fitted::new(classes, seed);
        let factorial = |n: u32| (1..=n).map(f64::from).product::<f64>();
        for (model, forest) in fitted.models.iter().zip([false, true]) {
            let (row, background) = (fitted.rows(3..4), fitted.rows(70..78));
            let values = with(&row, |x| with(&background, |background| model.shap_values_against(x, background).unwrap().values));
            let k = classes.max(1);
            // The mean raw answer of the background with some columns of the row.
            let mean = |known: u32| {
                let mixed: Vec<Vec<f64>> = (0..4).map(|j| if known >> j & 1 == 1 { vec![row[j][0]; 8] } else { background[j].clone() }).collect();
                let raw = with(&mixed, |x| raw(model, forest, x));
                (0..k).map(|o| raw.iter().skip(o).step_by(k).sum::<f64>() / 8.0).collect::<Vec<_>>()
            };
            let all: Vec<Vec<f64>> = (0..16).map(mean).collect();
            for (output, values) in values.chunks_exact(4).enumerate() {
                for (j, value) in values.iter().enumerate() {
                    let expected: f64 = (0..16u32).filter(|set| set >> j & 1 == 0).map(|set| {
                        let size = set.count_ones();
                        let change = all[(set | 1 << j) as usize][output] - all[set as usize][output];
                        factorial(size) * factorial(3 - size) / factorial(4) * change
                    }).sum();
                    prop_assert!((value - expected).abs() < 1e-9, "{} {}", value, expected);
                }
            }
        }
    }

    #[test]
    fn rounds_are_the_answers_on_the_way(seed: u64, classes in prop_oneof![Just(0usize), Just(2), Just(3)]) {
        let fitted = Fitted::new(classes, seed);
        for model in &fitted.models {
            with(&fitted.columns, |x| {
                let mut seen = 0;
                model.staged_predict(x, |rounds, answers| {
                    let mut out = vec![0.0; answers.len()];
                    model.predict_rounds(x, 0..rounds, &mut out);
                    assert!(out.iter().zip(answers).all(|(a, b)| a.to_bits() == b.to_bits()));
                    seen = rounds;
                    if rounds == model.rounds() {
                        model.predict(x, &mut out);
                        assert_eq!(out, answers);
                    }
                    ControlFlow::Continue(())
                });
                assert_eq!(seen, model.rounds());
            });
        }
    }
}

#[test]
fn a_background_without_rows_is_an_error() {
    let fitted = Fitted::new(0, 1);
    let error = with(&fitted.rows(0..2), |x| {
        with(&fitted.rows(0..0), |none| fitted.models[0].shap_values_against(x, none).unwrap_err())
    });
    assert!(error.to_string().contains("the background has no rows"), "{error}");
}
