//! Shapley values.

use super::*;
use arkwright_learn::tree::RandomForest;
use proptest::prelude::*;

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
