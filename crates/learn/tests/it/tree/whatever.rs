//! What must hold whatever the data.

use super::*;
use arkwright_learn::MISSING;
use arkwright_learn::tree::{DecisionTree, ExtraTrees, GrowPolicy, RandomForest};

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
                // Few leaves: some are split ahead of their turn, in vain.
                let short = Gbdt { n_estimators: 6, max_leaf_nodes: 7, ..Gbdt::default() };
                let level = Gbdt { grow_policy: GrowPolicy::DepthWise, max_features_by_node: 0.7, ..short.clone() };
                let forest = RandomForest { n_estimators: 4, max_depth: Some(8), ..RandomForest::default() };
                let tree = DecisionTree { max_depth: Some(8), ..DecisionTree::default() };
                let boosted = [few, whole, short, level].map(|gbdt| table.fit(&gbdt, None));
                for model in boosted.into_iter().chain([table.fit(&forest, None), table.fit(&tree, None)]) {
                    let mut parts = Parts::new("trees");
                    model.save(&mut parts).unwrap();
                    let answers = table.predict(&model);
                    all.push((parts, answers.iter().map(|p| p.to_bits()).collect::<Vec<u64>>()));
                }
            }
            all
        })
    };
    let one = run(1);
    assert!(one == run(2) && one == run(4));
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
