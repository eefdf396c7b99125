//! Single trees: against scikit-learn, and against all splits that there are.

use super::*;
use arkwright_core::{Field, Kind};
use arkwright_learn::tree::{Criterion, DecisionTree, Importance, MaxFeatures};
use arkwright_learn::{ClassWeight, MISSING, Names};
use proptest::prelude::*;

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

/// Settings by their name in the fixture.
fn named(name: &str) -> DecisionTree {
    let small = DecisionTree { max_leaf_nodes: Some(5), ..DecisionTree::default() };
    let number = |criterion| DecisionTree { max_leaf_nodes: Some(6), criterion: Some(criterion), ..small.clone() };
    match name {
        "gini" => small,
        "entropy" => DecisionTree { criterion: Some(Criterion::Entropy), ..small },
        "balanced" => DecisionTree { class_weight: Some(ClassWeight::Balanced), ..small },
        "heavy" => DecisionTree { min_weight_fraction_leaf: 0.1, ..small },
        "squared_error" => number(Criterion::SquaredError),
        "absolute_error" => number(Criterion::AbsoluteError),
        "poisson" => number(Criterion::Poisson),
        other => panic!("{other}"),
    }
}

#[test]
fn trees_of_every_criterion_are_scikit_learns_number_by_number() {
    let mut compared = 0;
    for name in ["breast_cancer", "wine", "diabetes"] {
        let (table, peer) = Table::forests(name);
        let (train, _) = halves(&table);
        for (settings, theirs) in peer["single"].as_object().unwrap().iter().filter(|(_, theirs)| !theirs.is_null()) {
            println!("{name} {settings}");
            let tree = train.fit(&named(settings), None);
            let wanted = if table.classes > 0 { flat(&theirs["answers"]) } else { numbers(&theirs["answers"]) };
            near(&train.predict(&tree), &wanted, 1e-8);
            // Gain is told as variance or Gini impurity, whatever chose the splits.
            if ["gini", "heavy", "squared_error"].contains(&settings.as_str()) {
                near(&tree.importances(Importance::Gain), &numbers(&theirs["importances"]), 1e-8);
            }
            let splits = tree.importances(Importance::Splits);
            assert!((splits.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            compared += 1;
        }
    }
    assert!(compared >= 7, "{compared}");
}

#[test]
fn the_pruning_path_is_scikit_learns_and_pruning_walks_along_it() {
    let (table, peer) = Table::forests("diabetes");
    let (train, _) = halves(&table);
    let whole = DecisionTree { min_samples_leaf: 5, ..DecisionTree::default() };
    let path = train.with(None, |samples| whole.pruning_path(samples, &Context::new(1)).unwrap());
    let ours: Vec<f64> = path.iter().map(|step| step.ccp_alpha).collect();
    near(&ours, &numbers(&peer["path"]["alphas"]), 1e-6);
    let left: Vec<f64> = path.iter().map(|step| step.impurity).collect();
    near(&left, &numbers(&peer["path"]["impurities"]), 1e-6);
    assert!(path.windows(2).all(|pair| pair[1].leaves < pair[0].leaves) && path.last().unwrap().leaves == 1);
    let cut = |ccp_alpha: f64| train.fit(&DecisionTree { ccp_alpha, ..whole.clone() }, None);
    for step in path.iter().step_by(7) {
        assert_eq!(cut(step.ccp_alpha * (1.0 + 1e-9)).leaves(), step.leaves);
    }
    let pruned = cut(peer["pruned"]["alpha"].as_f64().unwrap());
    assert_eq!(pruned.leaves() as u64, peer["pruned"]["leaves"].as_u64().unwrap());
    near(&train.predict(&pruned), &numbers(&peer["pruned"]["answers"]), 1e-8);
}

#[test]
fn a_tree_reads_as_scikit_learns_text_and_as_rules() {
    for name in ["breast_cancer", "wine"] {
        let (table, peer) = Table::forests(name);
        let (train, _) = halves(&table);
        let tree = train.fit(&DecisionTree { max_depth: Some(2), ..DecisionTree::default() }, None);
        let inputs: Vec<Field> =
            (0..table.columns.len()).map(|i| Field::input(format!("x{i}"), Kind::Number)).collect();
        let classes: Vec<String> = (0..table.classes).map(|class| class.to_string()).collect();
        let drawing = tree.drawing(0, 9, &Names { inputs: &inputs, classes: Some(&classes) }).unwrap();
        // A threshold here lies between two bins and is rounded to 32 bits; what is asked is the same.
        let asked =
            |text: &str| text.lines().map(|line| line.rsplit_once(' ').unwrap().0.to_string()).collect::<Vec<_>>();
        let theirs = peer["text"].as_str().unwrap();
        let answers =
            |text: &str| text.lines().filter(|line| line.contains("class")).map(str::to_string).collect::<Vec<_>>();
        assert_eq!(asked(&drawing.text()), asked(theirs));
        assert_eq!(answers(&drawing.text()), answers(theirs));
        assert_eq!(drawing.rules().len(), tree.leaves());
        assert!(drawing.rules().iter().all(|rule| rule.starts_with("if x") && rule.contains(" rows)")));
    }
}

/// The least sum of distances from the median that one split reaches.
fn best_absolute(columns: &[Vec<f64>], y: &[f64]) -> f64 {
    let error = |rows: &[usize]| {
        let mut values: Vec<f64> = rows.iter().map(|&i| y[i]).collect();
        values.sort_by(f64::total_cmp);
        let median = values.get(values.len() / 2).copied().unwrap_or(0.0);
        values.iter().map(|v| (v - median).abs()).sum::<f64>()
    };
    let all: Vec<usize> = (0..y.len()).collect();
    let mut best = error(&all);
    for column in columns {
        for &t in column.iter().chain([&f64::INFINITY]).filter(|t| !t.is_nan()) {
            for missing_left in [false, true] {
                let goes = |&i: &usize| if column[i].is_nan() { missing_left } else { column[i] <= t };
                let (left, right): (Vec<usize>, Vec<usize>) = all.iter().copied().partition(goes);
                best = best.min(error(&left) + error(&right));
            }
        }
    }
    best
}

proptest! {
    #[test]
    fn a_stump_of_medians_is_the_best_of_all_splits((columns, y, _) in rows_of_numbers()) {
        let table = Table { columns, y, classes: 0 };
        let stump = DecisionTree { max_depth: Some(1), criterion: Some(Criterion::AbsoluteError), ..DecisionTree::default() };
        let p = table.predict(&table.fit(&stump, None));
        let grown = p.iter().zip(&table.y).map(|(p, y)| (p - y).abs()).sum::<f64>();
        let best = best_absolute(&table.columns, &table.y);
        prop_assert!((grown - best).abs() < 1e-6, "{grown} {best}");
    }
}

#[test]
fn a_criterion_of_the_other_task_is_refused() {
    for (classes, criterion) in [(2, Criterion::Poisson), (0, Criterion::Gini)] {
        let table = Table::made(50, 2, classes, 3);
        let settings = DecisionTree { criterion: Some(criterion), ..DecisionTree::default() };
        let error = table.with(None, |samples| settings.fit(samples, None, &Context::new(1)).err().unwrap());
        assert!(error.hint().unwrap().starts_with("possible: "), "{error}");
    }
}
