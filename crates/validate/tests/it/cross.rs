use crate::learner::{Simple, classify, fixture, numbers, regress};
use arkwright_core::*;
use arkwright_measure::Metric;
use arkwright_validate::*;
use std::sync::Arc;

fn in_order(kind: SplitKind, folds: u32) -> Split {
    Split { kind, folds, shuffle: false, ..Split::default() }
}

fn labelled(frame: &Frame) -> Labelled {
    Labelled::new(Train::on(Table::hashed(frame.clone()).unwrap()), &Context::new(1)).unwrap()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs().max(1.0)
}

#[test]
fn out_of_fold_numbers_and_scores_are_those_of_scikit_learn() {
    let peer = &fixture()["regress"];
    let frame = regress(&numbers(&peer["x"]), &numbers(&peer["y"]));
    let folds = folds(&frame, &in_order(SplitKind::Random, 4), 0).unwrap();
    let (rows, ctx) = (labelled(&frame), Context::new(1));
    let whole = out_of_fold(&Simple::part(0.0), &rows, &folds, &ctx).unwrap();
    let Predictions::Values(said) = &whole.predictions else { panic!("numbers") };
    assert!(said.iter().zip(numbers(&peer["said"])).all(|(a, b)| near(*a, b)));
    let data = Table::hashed(frame).unwrap();
    let scores = cross_validate(&Simple::part(0.0), data, &folds, &[Metric::Rmse, Metric::R2], &ctx).unwrap();
    assert!(near(scores.value("rmse").unwrap(), peer["rmse"].as_f64().unwrap()));
    assert!(near(scores.value("r2").unwrap(), peer["r2"].as_f64().unwrap()));
    let rmse = scores.score("rmse").unwrap();
    assert!(rmse.folds.iter().zip(numbers(&peer["fold_rmse"])).all(|(a, b)| near(a.unwrap(), b)));
    assert!(rmse.low.unwrap() < rmse.value && rmse.value < rmse.high.unwrap());
    assert!(rmse.train.is_empty() && scores.value("mae").is_none());
    let json = serde_json::to_string(&scores).unwrap();
    assert_eq!(serde_json::from_str::<CrossValidated>(&json).unwrap(), scores);
}

#[test]
fn a_class_missing_in_a_folds_training_rows_has_probability_0() {
    let peer = &fixture()["classify"];
    let y: Vec<&str> = peer["y"].as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect();
    let frame = classify(&numbers(&peer["x"]), &y);
    let rows = labelled(&frame);
    for (k, name) in [(3, "three"), (6, "six")] {
        let folds = folds(&frame, &in_order(SplitKind::Random, k), 0).unwrap();
        let whole = out_of_fold(&Simple::part(0.0), &rows, &folds, &Context::new(1)).unwrap();
        let Predictions::Probabilities { values, count: 3 } = &whole.predictions else { panic!("three classes") };
        let wanted: Vec<f64> = peer[name].as_array().unwrap().iter().flat_map(numbers).collect();
        assert!(values.iter().zip(&wanted).all(|(a, b)| near(*a, *b)));
    }
    let folds = folds(&frame, &in_order(SplitKind::Random, 6), 0).unwrap();
    let data = Table::hashed(frame).unwrap();
    let (part, ctx) = (Simple::part(0.0), Context::new(1));
    let scores = cross_validate(&part, data.clone(), &folds, &[Metric::LogLoss], &ctx).unwrap();
    assert!(near(scores.value("log_loss").unwrap(), peer["log_loss"].as_f64().unwrap()));
    // Each block holds one class, so the area under its curve is not defined, as scikit-learn says too.
    assert!(peer["roc_auc"].is_null());
    let error = cross_validate(&part, data, &folds, &[Metric::RocAuc], &ctx).unwrap_err();
    assert_eq!(error.to_string(), "roc_auc is not defined on any fold");
}

#[test]
fn the_score_is_the_mean_over_folds_of_scikit_learn() {
    let peer = &fixture()["ranked"];
    let y: Vec<&str> = peer["y"].as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect();
    let frame = classify(&numbers(&peer["x"]), &y);
    let folds = folds(&frame, &in_order(SplitKind::Random, 5), 0).unwrap();
    let metrics = [Metric::RocAuc, Metric::AveragePrecision, Metric::LogLoss, Metric::Accuracy];
    let (data, ctx) = (Table::hashed(frame).unwrap(), Context::new(1));
    let scores = cross_validate(&Simple::part(0.0), data, &folds, &metrics, &ctx).unwrap();
    for metric in metrics {
        let score = scores.score(metric.name()).unwrap();
        let wanted = numbers(&peer[metric.name()]);
        assert!(score.folds.iter().zip(&wanted).all(|(a, b)| near(a.unwrap(), *b)), "{metric}: {:?}", score.folds);
        assert!(near(score.value, wanted.iter().sum::<f64>() / 5.0), "{metric}");
        assert!(score.low.unwrap() < score.value && score.value < score.high.unwrap(), "{metric}");
    }
}

#[test]
fn rows_that_all_folds_test_are_resampled_once() {
    // The same fold twice says nothing new: the interval is that of one.
    let x: Vec<f64> = (0..60).map(|i| f64::from(i * 7 % 31)).collect();
    let y: Vec<&str> = (0..60).map(|i| if (i * 13) % 5 < 2 { "a" } else { "b" }).collect();
    let frame = classify(&x, &y);
    let once = folds(&frame, &in_order(SplitKind::Stratified, 3), 0).unwrap();
    let twice = [once.clone(), once.clone()].concat();
    let score = |folds: &[Fold]| {
        let data = Table::hashed(frame.clone()).unwrap();
        cross_validate(&Simple::part(0.1), data, folds, &[Metric::RocAuc], &Context::new(1)).unwrap().scores.remove(0)
    };
    let (once, twice) = (score(&once), score(&twice));
    assert!(near(once.value, twice.value));
    assert!(near(once.low.unwrap(), twice.low.unwrap()) && near(once.high.unwrap(), twice.high.unwrap()));
}

#[test]
fn repeats_are_averaged() {
    let x: Vec<f64> = (0..30).map(f64::from).collect();
    let y: Vec<f64> = x.iter().map(|x| (x * 0.7).sin() + x).collect();
    let frame = regress(&x, &y);
    let rows = labelled(&frame);
    let (part, ctx) = (Simple::part(0.0), Context::new(1));
    let all = folds(&frame, &Split { kind: SplitKind::Random, repeats: 2, ..Split::default() }, 3).unwrap();
    let of = |folds: &[Fold]| match out_of_fold(&part, &rows, folds, &ctx).unwrap().predictions {
        Predictions::Values(values) => values,
        _ => panic!("numbers"),
    };
    let (first, second, both) = (of(&all[..5]), of(&all[5..]), of(&all));
    assert!((0..30).all(|i| near(both[i], (first[i] + second[i]) / 2.0)));
}

#[test]
fn threads_change_nothing() {
    let x: Vec<f64> = (0..200).map(|i| f64::from(i % 17)).collect();
    let y: Vec<&str> = (0..200).map(|i| if i % 3 == 0 { "a" } else { "b" }).collect();
    let frame = classify(&x, &y);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let folds = folds(&frame, &Split::default(), 3).unwrap();
            let metrics = [Metric::RocAuc, Metric::LogLoss];
            let scoring = Scoring { train: true, ..Scoring::default() };
            let scores =
                cross_validate_with(&Simple::part(0.1), &labelled(&frame), &folds, &metrics, scoring, &Context::new(1));
            serde_json::to_string(&scores.unwrap()).unwrap()
        })
    };
    assert_eq!(run(1), run(4));
}

#[test]
fn a_metric_that_does_not_suit_is_refused_before_anything_is_fitted() {
    let frame = regress(&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, 3.0, 4.0]);
    let folds = folds(&frame, &in_order(SplitKind::Random, 2), 0).unwrap();
    let data = Table::hashed(frame).unwrap();
    let error = cross_validate(&Simple::part(0.0), data, &folds, &[Metric::RocAuc], &Context::new(1)).unwrap_err();
    assert!(error.to_string().contains("`roc_auc` does not suit a target that is a number"), "{error}");
}

#[test]
fn a_stopped_computation_gives_no_scores() {
    let frame = regress(&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, 3.0, 4.0]);
    let folds = folds(&frame, &in_order(SplitKind::Random, 2), 0).unwrap();
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let ctx = Context::new(1).with_stop(stop);
    let data = Table::hashed(frame).unwrap();
    assert!(cross_validate(&Simple::part(0.0), data, &folds, &[Metric::Rmse], &ctx).unwrap_err().is_stop());
}

#[test]
fn the_classes_of_a_model_are_matched_by_name() {
    let frame = classify(&[0.0, 1.0, 5.0, 6.0], &["2", "2", "10", "10"]);
    let ctx = Context::new(1);
    let fitted = ctx.fit(&Simple::part(1.0), Train::on(Table::hashed(frame.clone()).unwrap())).unwrap();
    // As numbers 2 comes before 10; the test learner sorts its classes as text.
    let truth = Truth::among(&frame, &["7".into()]).unwrap();
    assert_eq!(truth.classes().unwrap(), ["2", "7", "10"]);
    let said = predict(fitted.model.as_ref(), &frame, truth.classes(), &ctx).unwrap();
    let Predictions::Probabilities { values, count: 3 } = said else { panic!("three classes") };
    assert!(values[0] > 0.9 && values[1] == 0.0 && values[11] > 0.9);
    let few = predict(fitted.model.as_ref(), &frame, Some(&["2".to_string()]), &ctx).unwrap_err();
    assert!(few.to_string().contains("knows a class `10`"), "{few}");
}
