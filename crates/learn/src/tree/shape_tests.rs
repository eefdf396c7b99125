//! What the shape of boosted trees must keep to: policies of growth, and constraints.

use super::node::{CATEGORY, FEATURES};
use super::{Ensemble, Gbdt, GrowPolicy};
use crate::{Column, Design, Fit, Predict, Samples, Target};
use arkwright_core::{Context, Random};
use proptest::prelude::*;

/// A table of numbers, and what a boosting makes of it.
fn fit(settings: &Gbdt, columns: &[Vec<f64>], y: &[f64]) -> Ensemble {
    let views: Vec<Column<'_>> = columns.iter().map(|c| Column::F64(c)).collect();
    let samples = Samples::new(Design { columns: &views, rows: y.len() }, Target::Values(y));
    settings.fit(&samples, None, &Context::new(1)).unwrap().model
}

fn predict(model: &Ensemble, columns: &[Vec<f64>]) -> Vec<f64> {
    let views: Vec<Column<'_>> = columns.iter().map(|c| Column::F64(c)).collect();
    let mut out = vec![0.0; columns[0].len()];
    model.predict(&Design { columns: &views, rows: out.len() }, &mut out);
    out
}

fn made(n: usize, p: usize, seed: u64) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut random = Random::new(seed, "table");
    let columns: Vec<Vec<f64>> = (0..p).map(|_| (0..n).map(|_| random.normal()).collect()).collect();
    let y = (0..n)
        .map(|i| columns[0][i] - (2.0 * columns[1][i]).sin() + columns[2][i] * columns[3][i] + 0.3 * random.normal())
        .collect();
    (columns, y)
}

/// A node: its depth, the features from the root to it, and its question.
type Asked = (u32, Vec<u32>, (u32, u32));

/// Every node, tree by tree.
fn nodes(model: &Ensemble) -> Vec<Vec<Asked>> {
    (0..model.trees())
        .map(|tree| {
            let (mut found, mut stack) = (Vec::new(), vec![(model.root(tree), 0, Vec::new())]);
            while let Some((at, depth, above)) = stack.pop() {
                if at < 0 {
                    continue;
                }
                let node = model.nodes[at as usize];
                assert_eq!(node.feature & CATEGORY, 0);
                let feature = node.feature & (FEATURES - 1);
                let mut path = above;
                path.push(feature);
                found.push((depth, path.clone(), (node.feature, node.cut)));
                stack.extend([node.left, node.right].map(|child| (child, depth + 1, path.clone())));
            }
            found
        })
        .collect()
}

#[test]
fn a_symmetric_tree_asks_one_question_a_level() {
    let (columns, y) = made(3000, 5, 1);
    let settings = Gbdt { grow_policy: GrowPolicy::Symmetric, max_leaf_nodes: 32, n_estimators: 20, ..Gbdt::default() };
    let model = fit(&settings, &columns, &y);
    for tree in nodes(&model) {
        for level in 0..5 {
            let questions: Vec<_> = tree.iter().filter(|node| node.0 == level).map(|node| node.2).collect();
            assert_eq!(questions.len(), 1 << level);
            assert!(questions.iter().all(|question| *question == questions[0]));
        }
    }
    let error = |y_hat: Vec<f64>| y_hat.iter().zip(&y).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
    let leaf_wise = fit(&Gbdt { grow_policy: GrowPolicy::LeafWise, ..settings }, &columns, &y);
    assert!(error(predict(&model, &columns)) < 2.0 * error(predict(&leaf_wise, &columns)));
}

#[test]
fn level_by_level_a_tree_is_filled_from_the_top() {
    let (columns, y) = made(4000, 5, 2);
    let settings = Gbdt { grow_policy: GrowPolicy::DepthWise, max_leaf_nodes: 12, n_estimators: 5, ..Gbdt::default() };
    for tree in nodes(&fit(&settings, &columns, &y)) {
        let at = |depth: u32| tree.iter().filter(|node| node.0 == depth).count();
        assert_eq!([at(0), at(1), at(2), at(3), at(4)], [1, 2, 4, 4, 0]);
    }
}

/// The loss that the best question of a level leaves: all cuts of all features are tried in all leaves.
fn best_level(columns: &[Vec<f64>], residual: &[f64], leaves: &[Vec<usize>]) -> f64 {
    let loss = |rows: &[usize]| {
        let mean = rows.iter().map(|&row| residual[row]).sum::<f64>() / rows.len().max(1) as f64;
        rows.iter().map(|&row| (residual[row] - mean).powi(2)).sum::<f64>()
    };
    let cuts = columns.iter().flat_map(|column| column.iter().map(move |&cut| (column, cut)));
    cuts.map(|(column, cut)| {
        leaves
            .iter()
            .map(|rows| {
                let (left, right): (Vec<usize>, Vec<usize>) = rows.iter().partition(|&&row| column[row] <= cut);
                loss(&left) + loss(&right)
            })
            .sum::<f64>()
    })
    .fold(f64::INFINITY, f64::min)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_second_level_of_a_symmetric_tree_is_the_best_of_all(seed: u64, n in 20usize..60) {
        let (columns, y) = made(n, 4, seed);
        let settings = Gbdt {
            grow_policy: GrowPolicy::Symmetric, max_leaf_nodes: 4, n_estimators: 1, learning_rate: 1.0,
            min_samples_leaf: 1, min_child_weight: 0.0, l2_regularization: 0.0, ..Gbdt::default()
        };
        let model = fit(&settings, &columns, &y);
        let root = model.nodes[0];
        let (feature, cut) = ((root.feature & (FEATURES - 1)) as usize, f64::from(f32::from_bits(root.cut)));
        let (left, right): (Vec<usize>, Vec<usize>) = (0..n).partition(|&row| columns[feature][row] <= cut);
        let best = best_level(&columns, &y, &[left, right]);
        let ours: f64 = predict(&model, &columns).iter().zip(&y).map(|(a, b)| (a - b).powi(2)).sum();
        prop_assert!(ours <= best * (1.0 + 1e-6) + 1e-6, "{ours} {best}");
    }

    #[test]
    fn answers_go_with_a_bound_feature_and_against_another(
        seed: u64,
        policy in prop_oneof![Just(GrowPolicy::LeafWise), Just(GrowPolicy::DepthWise), Just(GrowPolicy::Symmetric)],
    ) {
        let (columns, y) = made(400, 4, seed);
        let settings = Gbdt {
            grow_policy: policy, n_estimators: 20, min_samples_leaf: 5, max_leaf_nodes: 16,
            monotonic_cst: vec![1, -1, 0, 0].into(), ..Gbdt::default()
        };
        let model = fit(&settings, &columns, &y);
        let mut random = Random::new(seed, "rows");
        for (feature, direction) in [(0, 1.0), (1, -1.0)] {
            let others: Vec<f64> = (0..4).map(|_| random.normal()).collect();
            let grid: Vec<Vec<f64>> = (0..4)
                .map(|j| (0..60).map(|i| if j == feature { f64::from(i) / 10.0 - 3.0 } else { others[j] }).collect())
                .collect();
            let out = predict(&model, &grid);
            prop_assert!(out.windows(2).all(|pair| direction * (pair[1] - pair[0]) >= 0.0), "{out:?}");
        }
    }
}

#[test]
fn a_path_asks_about_features_that_may_interact() {
    let (columns, y) = made(2000, 6, 3);
    for policy in [GrowPolicy::LeafWise, GrowPolicy::Symmetric] {
        let settings = Gbdt {
            grow_policy: policy,
            n_estimators: 10,
            interaction_cst: vec![vec![0.into(), 1.into()], vec![2.into(), 3.into()]],
            ..Gbdt::default()
        };
        // Features that are in no set form one.
        let sets: [&[u32]; 3] = [&[0, 1], &[2, 3], &[4, 5]];
        for (_, path, _) in nodes(&fit(&settings, &columns, &y)).into_iter().flatten() {
            assert!(sets.iter().any(|set| path.iter().all(|feature| set.contains(feature))), "{path:?}");
        }
    }
}

#[test]
fn a_constraint_on_a_feature_that_is_not_there_is_refused() {
    let (columns, y) = made(100, 4, 3);
    let views: Vec<Column<'_>> = columns.iter().map(|c| Column::F64(c)).collect();
    let samples = Samples::new(Design { columns: &views, rows: y.len() }, Target::Values(&y));
    for settings in [
        Gbdt { monotonic_cst: vec![1, 0].into(), ..Gbdt::default() },
        Gbdt { interaction_cst: vec![vec![0.into(), 7.into()]], ..Gbdt::default() },
    ] {
        let error = settings.fit(&samples, None, &Context::new(1)).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("_cst"), "{error}");
    }
}
