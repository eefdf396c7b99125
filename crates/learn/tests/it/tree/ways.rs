//! The ways of boosting against LightGBM's on a real table (`tests/reference/learn_boosting.py`), and what must
//! hold of each.

use super::*;
use arkwright_core::Settings;
use arkwright_learn::tree::exchange::{Input, Program};
use arkwright_learn::tree::{BoostingType, GrowPolicy, MonotonicCst, SampleStrategy};
use proptest::prelude::*;

fn fixture() -> Value {
    serde_json::from_str(include_str!("../../fixtures/boosting.json")).unwrap()
}

/// Every seventh hour of bike hire: how many, or whether many.
fn bikes(all: &Value, classes: usize) -> Table {
    let y = numbers(&all["bikes"][if classes == 0 { "y" } else { "busy" }]);
    Table { columns: numbers2(&all["bikes"]["x"]), y, classes }
}

fn halves(table: &Table) -> (Table, Table) {
    (table.rows(|i| i % 4 != 3), table.rows(|i| i % 4 == 3))
}

fn goss() -> Gbdt {
    Gbdt { data_sample_strategy: SampleStrategy::Goss, ..Gbdt::default() }
}

fn dart() -> Gbdt {
    Gbdt { boosting_type: BoostingType::Dart, ..Gbdt::default() }
}

fn rf() -> Gbdt {
    Gbdt { boosting_type: BoostingType::Rf, subsample: 0.6, max_features: 0.8, ..Gbdt::default() }
}

fn linear() -> Gbdt {
    Gbdt { linear_tree: true, linear_lambda: 1.0, ..Gbdt::default() }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn every_way_errs_as_lightgbm_does_in_that_way() {
    let all = fixture();
    let ways = [
        ("gbdt", Gbdt::default()),
        ("bagging", Gbdt { subsample: 0.5, subsample_freq: 3, ..Gbdt::default() }),
        ("goss", goss()),
        ("dart", dart()),
        ("rf", rf()),
        ("linear", linear()),
    ];
    for classes in [0, 2] {
        let table = bikes(&all, classes);
        let score = if classes == 0 { "rmse" } else { "log_loss" };
        for (name, settings) in &ways {
            let theirs = numbers(&all["scores"][score][name]);
            let ours: Vec<f64> = (0..8)
                .map(|seed| {
                    let held_out = |i: usize| i as u64 % 4 == seed % 4;
                    let (train, test) = (table.rows(|i| !held_out(i)), table.rows(held_out));
                    let p = test.predict(&train.outcome(settings, None, &Context::new(seed)).model);
                    if classes == 0 { test.rmse(&p) } else { test.log_loss(&p) }
                })
                .collect();
            println!("{score} {name}: {ours:?} against {theirs:?}");
            let (ours, theirs) = (mean(&ours), mean(&theirs));
            assert!(ours < theirs * 1.04, "{score} of {name}: {ours} against {theirs}");
            // And it is that way, not another that does better.
            if ["dart", "rf"].contains(name) {
                assert!(ours > theirs * 0.9, "{score} of {name}: {ours} against {theirs}");
            }
        }
    }
}

#[test]
fn trees_that_leave_out_all_before_them_are_lightgbms_number_by_number() {
    let all = fixture();
    let mut table = bikes(&all, 0).rows(|i| i < 600);
    let middle = mean(&table.y);
    table.y.iter_mut().for_each(|y| *y -= middle);
    let settings = Gbdt {
        n_estimators: 8,
        learning_rate: 0.5,
        max_leaf_nodes: 8,
        l2_regularization: 0.0,
        drop_rate: 1.0,
        skip_drop: 0.0,
        max_drop: 0,
        ..dart()
    };
    let worst = gap(&table.predict(&table.fit(&settings, None)), &numbers(&all["dart_all"]));
    assert!(worst < 1e-3, "answers of hundreds differ by {worst}");
}

#[test]
fn a_linear_tree_after_a_plain_one_is_lightgbms_number_by_number() {
    let all = fixture();
    let table = bikes(&all, 0).rows(|i| i < 600);
    let one =
        Gbdt { n_estimators: 1, learning_rate: 0.5, max_leaf_nodes: 8, l2_regularization: 0.0, ..Gbdt::default() };
    let two = Gbdt { linear_tree: true, linear_lambda: 2.0, ..one.clone() };
    let ctx = Context::new(1);
    let first = table.fit(&one, None);
    let model = table.with(None, |rows| two.go_on(first, rows, None, &ctx).unwrap().model);
    assert!(model.is_linear());
    let worst = gap(&table.predict(&model), &numbers(&all["linear_two"]));
    assert!(worst < 1e-3, "answers of hundreds differ by {worst}");
}

fn gap(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn linear_leaves_are_exact_on_a_line_that_breaks() {
    let x: Vec<f64> = (0..800).map(|i| f64::from(i) / 8.0).collect();
    let other: Vec<f64> = (0..800).map(|i| f64::from(i * 37 % 101)).collect();
    let y = |x: f64| if x <= 30.0 { 2.0 * x + 5.0 } else { 200.0 - 3.0 * x };
    let table = Table { y: x.iter().map(|&x| y(x)).collect(), columns: vec![x, other], classes: 0 };
    let settings = Gbdt { linear_tree: true, learning_rate: 1.0, n_estimators: 20, max_bins: 1000, ..Gbdt::default() };
    let model = table.fit(&settings, None);
    let worst = gap(&table.predict(&model), &table.y);
    assert!(worst < 1e-3, "{worst}");
    // A plain tree of as many leaves cannot.
    let plain = table.fit(&Gbdt { linear_tree: false, ..settings }, None);
    assert!(gap(&table.predict(&plain), &table.y) > 0.1);
    // Beyond the rows it goes on in a line.
    let beyond = predict(&[vec![110.0, 120.0], vec![3.0, 3.0]], 2, 1, &model);
    assert!(gap(&beyond, &[y(110.0), y(120.0)]) < 1e-2, "{beyond:?}");
}

#[test]
fn linear_leaves_answer_alike_in_every_way_and_after_loading() {
    for classes in [0, 2, 3] {
        let mut table = Table::made(900, 4, classes, 5);
        (0..900).step_by(9).for_each(|i| table.columns[i % 2][i] = f64::NAN);
        for settings in [linear(), Gbdt { subsample: 0.7, ..linear() }, Gbdt { linear_tree: true, ..dart() }] {
            let model = table.fit(&Gbdt { n_estimators: 12, ..settings }, None);
            assert!(model.is_linear());
            let loaded = Ensemble::load(&saved(&model)).unwrap();
            assert_eq!(loaded, model);
            let all = table.predict(&model);
            assert!(all.iter().all(|p| p.is_finite()));
            let k = classes.max(1);
            for row in (0..900).step_by(50) {
                let own: Vec<Vec<f64>> = table.columns.iter().map(|c| vec![c[row]]).collect();
                assert_eq!(predict(&own, 1, k, &loaded), all[row * k..(row + 1) * k]);
            }
        }
    }
}

#[test]
fn linear_leaves_have_slopes_in_numbers_only_and_every_way_reads_categories() {
    let table = Table::made(1200, 3, 0, 23);
    let codes: Vec<u32> = (0..1200).map(|i| if i % 17 == 0 { arkwright_learn::MISSING } else { i * 7 % 12 }).collect();
    let y: Vec<f64> = table.y.iter().zip(&codes).map(|(y, code)| y + f64::from(code % 5)).collect();
    let columns = |rows: std::ops::Range<usize>| {
        let mut all: Vec<Column<'_>> = table.columns.iter().map(|c| Column::F64(&c[rows.clone()])).collect();
        all.insert(1, Column::Level { codes: &codes[rows], levels: 12 });
        all
    };
    let all = columns(0..1200);
    let samples = Samples::new(Design { columns: &all, rows: 1200 }, Target::Values(&y));
    for settings in [linear(), goss(), dart(), rf()] {
        let model = settings.fit(&samples, None, &Context::new(1)).unwrap().model;
        let parts = saved(&model);
        if settings.linear_tree {
            let slopes = parts.get::<u32>("slope_feature").unwrap();
            assert!(!slopes.is_empty() && !slopes.contains(&1));
        }
        let loaded = Ensemble::load(&parts).unwrap();
        let whole = answers(&all, 1200, 1, &model);
        for row in (0..1200).step_by(61) {
            assert_eq!(answers(&columns(row..row + 1), 1, 1, &loaded), [whole[row]]);
        }
    }
}

#[test]
fn linear_leaves_are_refused_where_a_number_is_needed() {
    let table = Table::made(300, 3, 0, 5);
    let model = table.fit(&linear(), None);
    table.with(None, |rows| {
        for error in [
            model.shap_values(&rows.x).map(|_| ()).unwrap_err(),
            model.shap_interaction_values(&rows.x).map(|_| ()).unwrap_err(),
            model.shap_values_against(&rows.x, &rows.x).map(|_| ()).unwrap_err(),
        ] {
            assert!(error.to_string().contains("linear functions"), "{error}");
        }
    });
    assert!(!model.attributes());
    let inputs = vec![Input { name: None, levels: None }; 3];
    for program in [Program::LightGbm, Program::XgBoost, Program::Onnx] {
        let error = program.write(&model, &inputs, None).unwrap_err();
        assert!(error.to_string().contains(program.name()), "{error}");
        assert!(error.hint().unwrap().contains("linear_tree"));
    }
}

#[test]
fn a_refitted_model_is_lightgbms_number_by_number() {
    let all = fixture();
    let table = bikes(&all, 0).rows(|i| i < 600);
    let settings = Gbdt { learning_rate: 0.3, l2_regularization: 0.5, ..Gbdt::default() };
    for (name, classes) in [("regression", 0), ("binary", 2)] {
        let peer = &all["refit"][name];
        let model = Program::LightGbm.read(peer["model"].as_str().unwrap().as_bytes()).unwrap().trees;
        let y = match classes {
            0 => table.y.iter().map(|y| y * 1.3 + 20.0).collect(),
            _ => bikes(&all, 2).y[..600].iter().map(|y| 1.0 - y).collect(),
        };
        let table = Table { columns: table.columns.clone(), y, classes };
        table.with(None, |rows| {
            for decay in ["0.9", "0.5", "0.0"] {
                let model = settings.refit(&model, rows, decay.parse().unwrap()).unwrap();
                let ours = model.raw(&rows.x, 0..model.rounds());
                let theirs = numbers(&peer[decay]);
                let size = theirs.iter().fold(1.0, |most: f64, x| most.max(x.abs()));
                assert!(gap(&ours, &theirs) < 2e-6 * size, "{name} {decay}: {}", gap(&ours, &theirs));
            }
            let same = settings.refit(&model, rows, 1.0).unwrap();
            assert_eq!(same, model);
        });
    }
}

#[test]
fn a_model_of_other_columns_or_another_loss_is_not_refitted_nor_gone_on_with() {
    let (numbers, classes) = (Table::made(200, 3, 0, 1), Table::made(200, 3, 2, 1));
    let model = numbers.fit(&Gbdt { n_estimators: 3, ..Gbdt::default() }, None);
    let settings = Gbdt::default();
    let ctx = Context::new(1);
    let narrow = Table { columns: numbers.columns[..2].to_vec(), ..numbers.rows(|_| true) };
    for table in [&classes, &narrow] {
        table.with(None, |rows| {
            assert!(settings.refit(&model, rows, 0.9).unwrap_err().hint().is_some());
            assert!(settings.go_on(model.clone(), rows, None, &ctx).map(|_| ()).unwrap_err().hint().is_some());
        });
    }
    numbers.with(None, |rows| {
        assert!(settings.refit(&model, rows, 1.5).unwrap_err().to_string().contains("refit_decay_rate"));
        assert!(linear().refit(&numbers.fit(&linear(), None), rows, 0.9).is_err());
        assert!(dart().refit(&model, rows, 0.9).is_err());
        assert!(rf().go_on(model.clone(), rows, None, &ctx).is_err());
    });
}

#[test]
fn fifty_rounds_and_fifty_more_are_a_hundred_to_the_bit() {
    let ways = [
        Gbdt::default(),
        Gbdt { subsample: 0.7, max_features: 0.7, max_features_by_node: 0.8, ..Gbdt::default() },
        goss(),
        Gbdt { grow_policy: GrowPolicy::Symmetric, max_leaf_nodes: 8, ..Gbdt::default() },
        linear(),
    ];
    for classes in [0, 2, 3] {
        let table = Table::made(1500, 5, classes, 3);
        for settings in &ways {
            let half = Gbdt { n_estimators: 50, ..settings.clone() };
            let ctx = Context::new(1);
            let first = table.fit(&half, None);
            let both = table.with(None, |rows| half.go_on(first, rows, None, &ctx).unwrap().model);
            let whole = table.fit(&Gbdt { n_estimators: 100, ..settings.clone() }, None);
            assert_eq!(both.trees(), 100 * if classes == 3 { 3 } else { 1 });
            assert_eq!(both, whole);
        }
    }
}

#[test]
fn going_on_stops_where_the_rows_held_out_no_longer_gain() {
    let (train, valid) = halves(&Table::made(800, 4, 2, 41));
    let settings = Gbdt { n_estimators: 200, learning_rate: 0.3, patience: Some(5), ..Gbdt::default() };
    let ctx = Context::new(1);
    let fit = |warm: Option<Ensemble>| {
        train.with(None, |rows| {
            valid.with(None, |valid| match warm {
                None => settings.fit(rows, Some(valid), &ctx).unwrap(),
                Some(model) => settings.go_on(model, rows, Some(valid), &ctx).unwrap(),
            })
        })
    };
    let first = fit(None).model;
    // The best round is kept, and five more do not mend it.
    let again = fit(Some(first.clone()));
    assert_eq!(again.model, first);
    assert_eq!(numbers(&again.notes["valid_loss"]).len(), 5);
}

#[test]
fn dart_keeps_the_weights_of_its_best_round() {
    let (train, valid) = halves(&Table::made(600, 4, 2, 7));
    let settings =
        Gbdt { learning_rate: 0.5, n_estimators: 150, drop_rate: 0.3, skip_drop: 0.2, patience: Some(15), ..dart() };
    let outcome =
        train.with(None, |rows| valid.with(None, |valid| settings.fit(rows, Some(valid), &Context::new(1)).unwrap()));
    let losses = numbers(&outcome.notes["valid_loss"]);
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(losses.len() < 150 && outcome.model.trees() + 15 == losses.len());
    let own = valid.log_loss(&valid.predict(&outcome.model));
    assert!((own - best).abs() < 1e-9, "{own} {best}");
    // Round by round the notes tell the loss on the rows that it learnt from.
    let whole = train.outcome(&Gbdt { n_estimators: 40, patience: None, ..settings }, None, &Context::new(1));
    let told = numbers(&whole.notes["train_loss"]);
    assert!((train.log_loss(&train.predict(&whole.model)) - told[39]).abs() < 1e-9);
}

#[test]
fn without_dropping_dart_is_plain_boosting() {
    let table = Table::made(700, 4, 2, 9);
    for none in [Gbdt { skip_drop: 1.0, ..dart() }, Gbdt { drop_rate: 0.0, ..dart() }] {
        assert_eq!(table.fit(&none, None), table.fit(&Gbdt::default(), None));
    }
}

#[test]
fn a_forest_is_the_mean_of_its_trees_and_its_losses_are_its_own() {
    let (train, valid) = halves(&Table::made(900, 4, 2, 11));
    let outcome =
        train.with(None, |rows| valid.with(None, |valid| rf().fit(rows, Some(valid), &Context::new(1)).unwrap()));
    let model = &outcome.model;
    let last = |key: &str| *numbers(&outcome.notes[key]).last().unwrap();
    assert!((valid.log_loss(&valid.predict(model)) - last("valid_loss")).abs() < 1e-9);
    assert!((train.log_loss(&train.predict(model)) - last("train_loss")).abs() < 1e-9);
    // A tree alone counts a hundredth; `learning_rate` counts for nothing.
    valid.with(None, |rows| {
        let one = train.fit(&Gbdt { n_estimators: 1, learning_rate: 0.3, ..rf() }, None);
        let base = model.raw(&rows.x, 0..0)[0];
        let (of_all, alone) = (model.raw(&rows.x, 0..1), one.raw(&rows.x, 0..1));
        for (of_all, alone) in of_all.iter().zip(alone) {
            assert!(((of_all - base) * 100.0 - (alone - base)).abs() < 1e-9);
        }
    });
}

#[test]
fn the_classes_may_have_shares_of_their_own() {
    let table = Table::made(4000, 4, 2, 13);
    let positives = table.y.iter().filter(|&&y| y == 1.0).count();
    let settings = Gbdt { n_estimators: 1, pos_bagging_fraction: 0.1, neg_bagging_fraction: 0.9, ..Gbdt::default() };
    let model = table.fit(&settings, None);
    // The cover of the root is the rows that were drawn.
    let drawn: f64 = numbers(&serde_json::json!(saved(&model).get::<f64>("leaf_cover").unwrap())).iter().sum();
    let wanted = (positives as f64 * 0.1).round() + ((4000 - positives) as f64 * 0.9).round();
    assert_eq!(drawn, wanted);
    let three = Table::made(300, 4, 3, 13);
    three.with(None, |rows| {
        let error = settings.fit(rows, None, &Context::new(1)).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("two classes"), "{error}");
    });
}

#[test]
fn a_draw_stands_for_as_many_rounds_as_it_is_told() {
    let table = Table::made(3000, 4, 0, 13);
    let covers = |subsample_freq| {
        let settings = Gbdt { n_estimators: 4, max_leaf_nodes: 2, subsample: 0.3, subsample_freq, ..Gbdt::default() };
        table.with(None, |rows| table.fit(&settings, None).raw(&rows.x, 0..4))
    };
    assert_ne!(covers(1), covers(2));
    assert_eq!(covers(4), covers(9));
}

#[test]
fn settings_that_do_not_go_together_are_refused() {
    let wrong = [
        ("boosting_type", Gbdt { subsample: 1.0, max_features: 1.0, ..rf() }),
        ("data_sample_strategy", Gbdt { data_sample_strategy: SampleStrategy::Goss, ..rf() }),
        ("data_sample_strategy", Gbdt { subsample: 0.5, ..goss() }),
        ("other_rate", Gbdt { top_rate: 0.7, other_rate: 0.4, ..goss() }),
        ("subsample", Gbdt { subsample: 0.5, pos_bagging_fraction: 0.5, ..Gbdt::default() }),
        ("linear_tree", Gbdt { monotonic_cst: vec![1].into(), ..linear() }),
        ("linear_tree", Gbdt { loss: Some(arkwright_learn::tree::Loss::Quantile), ..linear() }),
        ("drop_rate", Gbdt { drop_rate: 1.5, ..dart() }),
        ("subsample_freq", Gbdt { subsample_freq: 0, ..Gbdt::default() }),
        ("monotonic_cst", Gbdt { monotonic_cst: vec![2].into(), ..Gbdt::default() }),
    ];
    for (key, settings) in wrong {
        assert_eq!(settings.check().unwrap_err().0, key);
    }
    for right in [Gbdt::default(), goss(), dart(), rf(), linear()] {
        right.check().unwrap();
    }
}

#[test]
fn columns_are_bound_by_their_names_as_by_their_places() {
    let table = Table::made(500, 4, 0, 21);
    let names: Vec<String> = ["age", "price", "rooms", "area"].map(String::from).to_vec();
    let fit = |settings: &Gbdt| {
        table.with(None, |rows| {
            let rows = Samples { names: Some(&names), ..*rows };
            settings.fit(&rows, None, &Context::new(1)).map(|outcome| outcome.model)
        })
    };
    let read = |text: &str| -> Gbdt { serde_json::from_str(text).unwrap() };
    let named =
        read(r#"{ "monotonic_cst": { "price": -1, "age": 1 }, "interaction_cst": [["age", "area"], ["price", 2]] }"#);
    let placed = read(r#"{ "monotonic_cst": [1, -1, 0, 0], "interaction_cst": [[0, 3], [1, 2]] }"#);
    assert_eq!(fit(&named).unwrap(), fit(&placed).unwrap());
    let again: Gbdt = serde_json::from_value(serde_json::to_value(&named).unwrap()).unwrap();
    assert_eq!(again, named);
    for wrong in [r#"{ "monotonic_cst": { "prise": -1 } }"#, r#"{ "interaction_cst": [["prise"]] }"#] {
        let error = fit(&read(wrong)).unwrap_err();
        assert!(error.to_string().contains("prise"), "{error}");
        assert_eq!(error.hint().as_deref(), Some("did you mean `price`?"));
    }
    // A matrix has no names.
    table.with(None, |rows| {
        let error = named.fit(rows, None, &Context::new(1)).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("no names"), "{error}");
    });
    assert!(serde_json::from_str::<Gbdt>(r#"{ "monotonic_cst": "up" }"#).is_err());
    assert!(serde_json::from_str::<Gbdt>(r#"{ "interaction_cst": [[-1]] }"#).is_err());
    assert_eq!(MonotonicCst::default(), Vec::new().into());
}

#[test]
fn a_category_has_no_direction() {
    let table = Table::made(60, 1, 0, 21);
    let codes: Vec<u32> = (0..60).map(|i| i % 5).collect();
    let columns = [Column::F64(&table.columns[0]), Column::Level { codes: &codes, levels: 5 }];
    let names = ["x".to_string(), "city".to_string()];
    let rows = Samples {
        names: Some(&names),
        ..Samples::new(Design { columns: &columns, rows: 60 }, Target::Values(&table.y))
    };
    let settings: Gbdt = serde_json::from_str(r#"{ "monotonic_cst": { "city": 1 } }"#).unwrap();
    let error = settings.fit(&rows, None, &Context::new(1)).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("`city` is a category"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn every_way_gives_the_same_bytes_with_any_number_of_threads(seed: u64, classes in prop_oneof![Just(0usize), Just(2), Just(3)]) {
        let table = Table::made(2500, 4, classes, seed);
        for settings in [goss(), dart(), rf(), linear(), Gbdt { subsample: 0.5, ..linear() }] {
            let settings = Gbdt { n_estimators: 15, learning_rate: 0.3, skip_drop: 0.2, ..settings };
            let fits: Vec<Ensemble> = [1, 2, 4]
                .map(|threads| {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                    pool.install(|| table.fit(&settings, None))
                })
                .to_vec();
            prop_assert_eq!(&fits[0], &fits[1]);
            prop_assert_eq!(&fits[0], &fits[2]);
        }
    }
}
