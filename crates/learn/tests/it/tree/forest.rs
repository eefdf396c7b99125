//! Forests.

use super::*;
use arkwright_learn::tree::{Criterion, ExtraTrees, ForestClassWeight, Quantiles, RandomForest, Subsample};
use arkwright_learn::{ClassWeight, MaxSamples};

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

/// How often each of `n` rows is drawn by a tree, as the forest draws them.
fn drawn(n: usize, draws: usize, tree: usize, ctx: &Context) -> Vec<u32> {
    let mut random = ctx.random(&format!("tree {tree}"));
    let mut times = vec![0; n];
    (0..draws).for_each(|_| times[random.below(n as u64) as usize] += 1);
    times
}

#[test]
fn what_is_out_of_the_bag_is_what_the_trees_that_did_not_draw_it_say() {
    for classes in [0, 2, 3] {
        let table = Table::made(300, 3, classes, 61);
        let settings =
            RandomForest { n_estimators: 7, max_samples: Some(MaxSamples::Share(0.8)), ..RandomForest::default() };
        let ctx = Context::new(1);
        let (model, told) = table.with(None, |samples| settings.fit_out_of_bag(samples, &ctx).unwrap());
        let parts = saved(&model);
        let opened = Opened { parts: &parts };
        let k = classes.max(1);
        let times: Vec<Vec<u32>> = (0..7).map(|tree| drawn(300, 240, tree, &ctx)).collect();
        let mut right = Vec::new();
        for row in 0..300 {
            let x: Vec<f64> = table.columns.iter().map(|c| c[row]).collect();
            let leaves: Vec<Vec<f64>> =
                (0..7).filter(|&tree| times[tree][row] == 0).map(|tree| opened.known(&x, u32::MAX, tree)).collect();
            let ours = &told.predictions[row * k..(row + 1) * k];
            if leaves.is_empty() {
                assert!(ours.iter().all(|p| p.is_nan()));
                continue;
            }
            let mean = |at: usize| leaves.iter().map(|leaf| leaf[at]).sum::<f64>() / leaves.len() as f64;
            let wanted: Vec<f64> = match classes {
                2 => vec![1.0 - mean(0), mean(0)],
                _ => (0..k).map(mean).collect(),
            };
            near(ours, &wanted, 1e-12);
            let best = (0..k).fold(0, |best, c| if ours[c] > ours[best] { c } else { best });
            right.push(best == table.y[row] as usize);
        }
        assert_eq!(told.rows, right.len());
        if classes > 0 {
            let accuracy = right.iter().filter(|right| **right).count() as f64 / right.len() as f64;
            assert!((told.score - accuracy).abs() < 1e-12);
        }
        let notes = table.outcome(&RandomForest { oob_score: true, ..settings }, None, &ctx).notes;
        assert_eq!(notes["oob_score"].as_f64().unwrap(), told.score);
    }
}

#[test]
fn scores_out_of_the_bag_are_about_scikit_learns() {
    for name in ["breast_cancer", "wine", "diabetes"] {
        let (table, peer) = Table::forests(name);
        let (train, _) = halves(&table);
        let forest = RandomForest::default();
        let ours = train.with(None, |samples| forest.fit_out_of_bag(samples, &Context::new(1)).unwrap().1.score);
        let theirs = peer["oob"].as_f64().unwrap();
        assert!((ours - theirs).abs() < 0.02, "{name}: {ours} against {theirs}");
    }
}

#[test]
fn a_forest_that_sees_all_rows_has_nothing_out_of_the_bag() {
    let table = Table::made(50, 2, 2, 3);
    let error = table.with(None, |s| ExtraTrees::default().fit_out_of_bag(s, &Context::new(1)).err().unwrap());
    assert!(error.to_string().contains("bootstrap"), "{error}");
}

/// The quantiles of one row by the definition: the weight of each training row, one after another.
fn by_definition(train: &Table, opened: &Opened<'_>, trees: usize, x: &[f64], quantile: f64) -> f64 {
    let n = train.y.len();
    let mut weight = vec![0.0; n];
    for tree in 0..trees {
        let leaf = opened.leaf(x, tree);
        let fellow: Vec<usize> = (0..n)
            .filter(|&i| opened.leaf(&train.columns.iter().map(|c| c[i]).collect::<Vec<_>>(), tree) == leaf)
            .collect();
        fellow.iter().for_each(|&i| weight[i] += 1.0 / fellow.len() as f64);
    }
    let mut rows: Vec<usize> = (0..n).collect();
    rows.sort_by(|&a, &b| train.y[a].total_cmp(&train.y[b]));
    let mut below = 0.0;
    for row in rows {
        below += weight[row] / trees as f64;
        if below >= quantile - 1e-12 {
            return train.y[row];
        }
    }
    f64::NAN
}

#[test]
fn quantiles_are_those_of_the_definition() {
    let table = Table::made(150, 3, 0, 67);
    let asked = Table::made(20, 3, 0, 71);
    let quantiles = Some(vec![0.1, 0.5, 0.9]);
    let settings = RandomForest { n_estimators: 5, min_samples_leaf: 4, quantiles, ..RandomForest::default() };
    let model = table.with(None, |samples| settings.fit_quantiles(samples, &Context::new(1)).unwrap());
    let parts = saved(model.trees());
    let columns: Vec<Column<'_>> = asked.columns.iter().map(|c| Column::F64(c)).collect();
    let mut out = vec![0.0; 20 * 4];
    model.predict(&Design { columns: &columns, rows: 20 }, &mut out);
    near(&out.iter().step_by(4).copied().collect::<Vec<_>>(), &asked.predict(model.trees()), 0.0);
    for row in 0..20 {
        let x: Vec<f64> = asked.columns.iter().map(|c| c[row]).collect();
        for (i, quantile) in [0.1, 0.5, 0.9].into_iter().enumerate() {
            assert_eq!(out[4 * row + 1 + i], by_definition(&table, &Opened { parts: &parts }, 5, &x, quantile));
        }
    }
    let mut saved = Parts::new(Quantiles::FORMAT);
    model.save(&mut saved).unwrap();
    assert_eq!(Quantiles::load(&saved).unwrap(), model);
    saved.put("ends", vec![1u32]);
    assert!(Quantiles::load(&saved).is_err());
}

#[test]
fn quantiles_cover_the_share_of_new_rows_that_they_promise() {
    let (train, test) = halves(&Table::made(4000, 4, 0, 73));
    let quantiles = Some(vec![0.1, 0.9]);
    let settings = RandomForest { n_estimators: 50, min_samples_leaf: 10, quantiles, ..RandomForest::default() };
    let model = train.with(None, |samples| settings.fit_quantiles(samples, &Context::new(1)).unwrap());
    let columns: Vec<Column<'_>> = test.columns.iter().map(|c| Column::F64(c)).collect();
    let mut out = vec![0.0; test.y.len() * 3];
    model.predict(&Design { columns: &columns, rows: test.y.len() }, &mut out);
    let within = out.chunks_exact(3).zip(&test.y).filter(|(q, y)| q[1] <= **y && **y <= q[2]).count();
    let share = within as f64 / test.y.len() as f64;
    assert!((0.75..0.93).contains(&share), "{share}");
}

#[test]
fn rows_are_drawn_and_classes_weighed_as_set() {
    let table = Table::made(400, 3, 2, 79);
    let third = RandomForest {
        n_estimators: 3,
        max_samples: Some(MaxSamples::Share(0.3)),
        max_depth: Some(1),
        ..RandomForest::default()
    };
    let parts = saved(&table.fit(&third, None));
    assert_eq!(parts.get::<f64>("leaf_cover").unwrap().iter().sum::<f64>(), 3.0 * 120.0);
    let whole = |class_weight| RandomForest {
        n_estimators: 3,
        bootstrap: false,
        class_weight: Some(ForestClassWeight::Whole(class_weight)),
        ..RandomForest::default()
    };
    let balanced = table.fit(&whole(ClassWeight::Balanced), None);
    let by_tree = Some(ForestClassWeight::Drawn(Subsample::BalancedSubsample));
    let same = RandomForest { class_weight: by_tree.clone(), ..whole(ClassWeight::Balanced) };
    assert_eq!(balanced, table.fit(&same, None), "all trees see the same rows");
    // A tree without questions answers what the classes weigh: one half each.
    let root = RandomForest { min_impurity_decrease: 9.0, ..whole(ClassWeight::Balanced) };
    near(&table.predict(&table.fit(&root, None))[..2], &[0.5, 0.5], 1e-12);
    let drawn = RandomForest { bootstrap: true, class_weight: by_tree, ..root.clone() };
    near(&table.predict(&table.fit(&drawn, None))[..2], &[0.5, 0.5], 1e-12);
    // By a table, as often as they are there and three times that.
    let counts = |class| table.y.iter().filter(|y| **y == class).count() as f64;
    let by_table = Some(ForestClassWeight::Whole(ClassWeight::Of([("1".to_string(), 3.0)].into())));
    let share = 3.0 * counts(1.0) / (counts(0.0) + 3.0 * counts(1.0));
    let told = table.predict(&table.fit(&RandomForest { class_weight: by_table.clone(), ..root.clone() }, None));
    near(&told[..2], &[1.0 - share, share], 1e-12);
    // The same on average where each tree draws by these weights.
    let many = RandomForest { bootstrap: true, n_estimators: 200, class_weight: by_table, ..root };
    near(&table.predict(&table.fit(&many, None))[..2], &[1.0 - share, share], 0.01);
}

#[test]
fn forests_of_every_criterion_do_about_as_well_as_the_default() {
    for (classes, criterion) in
        [(0, Criterion::AbsoluteError), (0, Criterion::Poisson), (2, Criterion::Entropy), (3, Criterion::LogLoss)]
    {
        let mut table = Table::made(600, 3, classes, 83);
        if classes == 0 {
            table.y.iter_mut().for_each(|y| *y = y.abs());
        }
        let (train, test) = halves(&table);
        let worse = |p: &[f64]| match classes {
            0 => test.rmse(p),
            k => {
                let likeliest = |p: &[f64]| (0..k).fold(0, |best, c| if p[c] > p[best] { c } else { best });
                let wrong = p.chunks_exact(k).zip(&test.y).filter(|(p, y)| likeliest(p) != **y as usize);
                wrong.count() as f64
            }
        };
        let random = |criterion| RandomForest { n_estimators: 30, criterion, ..RandomForest::default() };
        let extra = |criterion| ExtraTrees { n_estimators: 30, criterion, ..ExtraTrees::default() };
        let set = Some(criterion);
        for (ours, usual) in [
            (test.predict(&train.fit(&random(set), None)), test.predict(&train.fit(&random(None), None))),
            (test.predict(&train.fit(&extra(set), None)), test.predict(&train.fit(&extra(None), None))),
        ] {
            let (ours, usual) = (worse(&ours), worse(&usual));
            assert!(ours < 1.2 * usual, "{criterion:?}: {ours} where the default gives {usual}");
        }
    }
}

#[test]
fn many_levels_of_few_rows_do_not_hide_a_number_that_tells() {
    // 200 levels of some three rows each tell nothing; the number tells all but noise.
    let mut random = Random::new(7, "levels");
    let n = 1200;
    let x: Vec<f64> = (0..n).map(|_| random.normal()).collect();
    let codes: Vec<u32> = (0..n).map(|_| random.below(200) as u32).collect();
    let y: Vec<f64> = x.iter().map(|x| x + random.normal()).collect();
    let columns = [Column::F64(&x[..600]), Column::Level { codes: &codes[..600], levels: 200 }];
    let samples = Samples::new(Design { columns: &columns, rows: 600 }, Target::Values(&y[..600]));
    let alone = Samples::new(Design { columns: &columns[..1], rows: 600 }, Target::Values(&y[..600]));
    let rest = [Column::F64(&x[600..]), Column::Level { codes: &codes[600..], levels: 200 }];
    let error = |samples: &Samples<'_>, columns: &[Column<'_>]| {
        let model = RandomForest::default().fit(samples, None, &Context::new(3)).unwrap().model;
        let mut out = vec![0.0; 600];
        model.predict(&Design { columns, rows: 600 }, &mut out);
        (out.iter().zip(&y[600..]).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / 600.0).sqrt()
    };
    let (both, one) = (error(&samples, &rest), error(&alone, &rest[..1]));
    assert!(both < 1.05 * one, "{both} with the levels, {one} without");
}
