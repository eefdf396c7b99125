//! Boosting.

use super::*;
use arkwright_core::{Event, Observer, Stop};
use arkwright_learn::tree::RandomForest;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

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
    assert!(error.to_string().contains("needs about 11000 bytes"), "{error}");
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
