//! Linear models.

use crate::tables::*;
use arkwright_core::{
    Context, Event, Field, Fitted, Frame, Json, Kind, Leaf, Observer, PREDICTION, PROBABILITY, Part, Result, Source,
    Stop, Table, Train, Value,
};
use arkwright_learn::linear::{Baseline, Linear, Logistic, Summary};
use arkwright_learn::preprocess::{Levels, Scale};
use arrow::array::{ArrayRef, StringArray, UInt32Array};
use std::ops::ControlFlow;
use std::sync::Arc;

const PEER: &str = include_str!("../fixtures/linear.json");

fn part(kind: &str, settings: &Json) -> Part {
    let mut map = settings.clone();
    map["kind"] = kind.into();
    registry().parse(Value::from(map)).unwrap()
}

fn blob(fitted: &Fitted, name: &str) -> Vec<f64> {
    fitted.model.save().unwrap().child("learner").unwrap().get::<f64>(name).unwrap().to_vec()
}

fn labels(codes: &[f64]) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(codes.iter().map(|c| format!("c{c}"))))
}

#[track_caller]
fn is_peers(fitted: &Fitted, case: &Json, tolerance: f64) {
    let wanted: Vec<f64> = matrix(&case["coef"]).concat();
    assert_close(&blob(fitted, "coef"), &wanted, tolerance);
    assert_close(&blob(fitted, "intercept"), &floats(&case["intercept"]), tolerance);
}

/// The cases of a table of numbers.
fn cases(name: &str, kind: &str, y: impl Fn(&[f64]) -> (Field, ArrayRef), more: Json, tolerance: f64) {
    let peer = &fixture(PEER)[name];
    for case in peer["cases"].as_array().unwrap() {
        let mut columns = table(&matrix(&peer["x"]));
        columns.push(y(&floats(&peer["y"])));
        if case["weighted"] == true {
            columns.push((weight(), numbers(&floats(&peer["weight"]))));
        }
        let mut settings = case["settings"].clone();
        for (key, value) in more.as_object().unwrap() {
            settings[key] = value.clone();
        }
        let fitted = fit_part(&part(kind, &settings), &frame(columns)).unwrap();
        println!("{}", case["name"]);
        is_peers(&fitted, case, tolerance);
    }
}

#[test]
fn least_squares_ridge_lasso_and_elastic_net_are_scikit_learns() {
    let y = |y: &[f64]| (target(Kind::Number), numbers(y));
    cases("diabetes", "linear", y, serde_json::json!({ "max_iter": 1_000_000 }), 1e-8);
}

#[test]
fn logistic_regression_of_two_classes_is_scikit_learns() {
    let y = |y: &[f64]| (target(Kind::Category), labels(y));
    cases("breast_cancer", "logistic", y, serde_json::json!({ "tol": 1e-11, "max_iter": 1000 }), 1e-6);
}

#[test]
fn logistic_regression_of_three_classes_is_scikit_learns() {
    let y = |y: &[f64]| (target(Kind::Category), labels(y));
    cases("iris", "logistic", y, serde_json::json!({ "tol": 1e-11, "max_iter": 1000 }), 1e-6);
}

/// The sample of adult: numbers, then levels as codes.
fn adult(first: usize) -> (Frame, Json) {
    let peer = fixture(PEER)["adult"].clone();
    let mut columns = table(&matrix(&peer["numbers"]))[first..].to_vec();
    for (i, codes) in matrix(&peer["codes"]).iter().enumerate() {
        let count = peer["levels"][i].as_u64().unwrap();
        let levels = Some((0..count).map(|l| format!("l{l}")).collect());
        let codes = UInt32Array::from_iter_values(codes.iter().map(|c| *c as u32));
        columns.push((Field::input(format!("c{i}"), Kind::Level { levels }), Arc::new(codes)));
    }
    columns.push((target(Kind::Category), labels(&floats(&peer["y"]))));
    (frame(columns), peer)
}

#[test]
fn levels_that_are_not_widened_give_the_coefficients_of_one_hot_columns() {
    let (frame, peer) = adult(0);
    let fitted = fit(Logistic { tol: 1e-12, ..Logistic::default() }, &frame);
    is_peers(&fitted, &peer["cases"][0], 1e-7);
}

#[test]
fn columns_that_depend_on_one_another_do_not_break_least_squares() {
    let (whole, peer) = adult(0);
    let y = matrix(&peer["numbers"])[0].clone();
    let levels = whole.filter(|f| matches!(f.kind, Kind::Level { .. }));
    let data = levels.with(target(Kind::Number), numbers(&y)).unwrap();
    let given = apply(&fit(Linear::default(), &data), &data);
    assert_close(&column(&given, PREDICTION), &floats(&peer["least_squares_of_the_first_number_on_levels"]), 1e-7);
}

/// NIST's Statistical Reference Datasets, Longley: <https://www.itl.nist.gov/div898/strd/lls/data/LINKS/DATA/Longley.dat>
/// and the certified values beside it.
#[test]
fn longleys_coefficients_are_those_that_nist_certifies() {
    #[rustfmt::skip]
    let rows = [
        [60323., 83.0, 234289., 2356., 1590., 107608., 1947.], [61122., 88.5, 259426., 2325., 1456., 108632., 1948.],
        [60171., 88.2, 258054., 3682., 1616., 109773., 1949.], [61187., 89.5, 284599., 3351., 1650., 110929., 1950.],
        [63221., 96.2, 328975., 2099., 3099., 112075., 1951.], [63639., 98.1, 346999., 1932., 3594., 113270., 1952.],
        [64989., 99.0, 365385., 1870., 3547., 115094., 1953.], [63761., 100.0, 363112., 3578., 3350., 116219., 1954.],
        [66019., 101.2, 397469., 2904., 3048., 117388., 1955.], [67857., 104.6, 419180., 2822., 2857., 118734., 1956.],
        [68169., 108.4, 442769., 2936., 2798., 120445., 1957.], [66513., 110.8, 444546., 4681., 2637., 121950., 1958.],
        [68655., 112.6, 482704., 3813., 2552., 123366., 1959.], [69564., 114.2, 502601., 3931., 2514., 125368., 1960.],
        [69331., 115.7, 518173., 4806., 2572., 127852., 1961.], [70551., 116.9, 554894., 4007., 2827., 130081., 1962.],
    ];
    let at = |j: usize| rows.iter().map(|row| row[j]).collect::<Vec<f64>>();
    let mut columns = table(&(1..7).map(at).collect::<Vec<_>>());
    columns.push((target(Kind::Number), numbers(&at(0))));
    let fitted = fit(Linear::default(), &frame(columns));
    let certified = [
        15.0618722713733,
        -0.358191792925910e-01,
        -2.02022980381683,
        -1.03322686717359,
        -0.511041056535807e-01,
        1829.15146461355,
    ];
    for (got, wanted) in blob(&fitted, "coef").iter().zip(certified) {
        assert!((got / wanted - 1.0).abs() < 1e-9, "{got} {wanted}");
    }
    assert!((blob(&fitted, "intercept")[0] / -3482258.63459582 - 1.0).abs() < 1e-9);
}

#[test]
fn more_columns_than_rows_are_fitted_exactly() {
    let mut random = arkwright_core::Random::new(3, "test");
    let x: Vec<Vec<f64>> = (0..40).map(|_| (0..15).map(|_| random.normal()).collect()).collect();
    let y: Vec<f64> = (0..15).map(|_| random.normal()).collect();
    let mut columns = table(&x);
    columns.push((target(Kind::Number), numbers(&y)));
    let data = frame(columns);
    assert_close(&column(&apply(&fit(Linear::default(), &data), &data), PREDICTION), &y, 1e-8);
}

#[test]
fn a_weight_is_a_repetition_and_row_order_does_not_matter() {
    let (data, _) = adult(0);
    let rows = data.rows() as u32;
    let w: Vec<f64> = (0..rows).map(|i| f64::from(i % 3)).collect();
    let weighted = data.with(weight(), numbers(&w)).unwrap();
    let repeated: Vec<u32> = (0..rows).rev().flat_map(|i| vec![i; (i % 3) as usize]).collect();
    let repeated = data.take(&repeated).unwrap();
    let step = Logistic { tol: 1e-12, ..Logistic::default() };
    let (one, other) = (fit(step.clone(), &weighted), fit(step, &repeated));
    assert_close(&blob(&one, "coef"), &blob(&other, "coef"), 1e-9);
    assert_close(&blob(&one, "means"), &blob(&other, "means"), 1e-12);
}

/// Made rows whose parameters are too many for a matrix of second derivatives.
fn wide() -> Frame {
    let mut random = arkwright_core::Random::new(5, "wide");
    let n = 400;
    let mut columns: Vec<(Field, ArrayRef)> = Vec::new();
    let strong: Vec<f64> = (0..n).map(|_| random.normal()).collect();
    columns.push((Field::input("strong", Kind::Number), numbers(&strong)));
    for c in 0..3 {
        let values: Vec<String> = (0..n).map(|_| format!("v{}", random.below(200))).collect();
        let values: Vec<Option<&str>> = values.iter().map(|v| Some(v.as_str())).collect();
        columns.push((Field::input(format!("c{c}"), Kind::Category), texts(&values)));
    }
    let y: Vec<f64> = strong.iter().map(|s| f64::from(u8::from(s + random.normal() > 0.0))).collect();
    columns.push((target(Kind::Category), labels(&y)));
    let frame = frame(columns);
    let levels = fit(Levels::default(), &frame);
    let given = apply(&levels, &frame);
    let mut out = frame.filter(|f| f.kind == Kind::Number || f.role == arkwright_core::Role::Target);
    for (field, column) in given.fields().iter().zip(given.columns()) {
        out = out.with(field.clone(), column.clone()).unwrap();
    }
    out
}

/// The conditions of the optimum of `c sum loss + penalty`, checked from outside.
#[test]
fn wide_problems_end_at_the_optimum_too() {
    let data = wide();
    for l1_ratio in [0.0, 0.7] {
        let step = Logistic { l1_ratio, c: 0.5, tol: 1e-9, max_iter: 10_000, ..Logistic::default() };
        let fitted = fit(step, &data);
        assert_eq!(fitted.notes["converged"], true);
        let coef = blob(&fitted, "coef");
        assert!(coef.len() > 512);
        let probability = vectors(&apply(&fitted, &data), PROBABILITY);
        let labels = data.texts(data.position("y").unwrap()).unwrap();
        let off: Vec<f64> =
            (0..data.rows()).map(|i| probability[2 * i + 1] - f64::from(u8::from(labels.value(i) == "c1"))).collect();
        assert!(off.iter().sum::<f64>().abs() < 1e-5);
        let strong = column(&data, "strong");
        let slope = 0.5 * strong.iter().zip(&off).map(|(x, off)| x * off).sum::<f64>();
        let wanted = slope + (1.0 - l1_ratio) * coef[0] + l1_ratio * coef[0].signum();
        assert!(wanted.abs() < 1e-5, "{wanted}");
        if l1_ratio > 0.0 {
            assert!(coef.iter().filter(|b| **b == 0.0).count() > 100);
        }
    }
}

#[test]
fn an_answer_is_the_sum_of_its_attributions() {
    let (data, peer) = adult(0);
    let fitted = fit(Logistic::default(), &data);
    let taken = data.select(&fitted.model.signature().takes).unwrap();
    let attribution = fitted.model.skills().attribute.unwrap().attribute(&taken, &context()).unwrap();
    let probability = vectors(&apply(&fitted, &data), PROBABILITY);
    let p = attribution.inputs.len();
    assert_eq!((p, attribution.outputs.len()), (taken.fields().len(), 1));
    for row in 0..data.rows() {
        let raw = attribution.base[0] + attribution.values[row * p..(row + 1) * p].iter().sum::<f64>();
        let odds = (probability[2 * row + 1] / probability[2 * row]).ln();
        assert!((raw - odds).abs() < 1e-9 * (1.0 + odds.abs()));
    }
    // On average nothing is attributed.
    let mean = (0..data.rows()).map(|row| attribution.values[row * p]).sum::<f64>() / data.rows() as f64;
    assert!(mean.abs() < 1e-12 && peer["y"].is_array());
}

#[test]
fn the_baseline_answers_the_mean_the_median_or_the_shares() {
    let y = [1.0, 2.0, 2.0, 7.0];
    let data = frame(vec![
        (Field::input("t", Kind::Text), texts(&[Some("any"), None, None, None])),
        (target(Kind::Number), numbers(&y)),
        (weight(), numbers(&[1.0, 1.0, 1.0, 5.0])),
    ]);
    for (strategy, wanted) in [(Summary::Mean, 5.0), (Summary::Median, 7.0), (Summary::MostFrequent, 7.0)] {
        let given = apply(&fit(Baseline { strategy }, &data), &data);
        assert_close(&column(&given, PREDICTION), &[wanted; 4], 1e-15);
    }
    let classes = frame(vec![(target(Kind::Category), texts(&[Some("no"), Some("yes"), Some("no"), Some("no")]))]);
    let fitted = fit(Baseline::default(), &classes);
    let given = apply(&fitted, &Frame::empty(2));
    assert_eq!(vectors(&given, PROBABILITY), [0.75, 0.25, 0.75, 0.25]);
    assert_eq!(given.texts(0).unwrap().value(1), "no");
    assert!(fit_part(&Baseline { strategy: Summary::Median }.part(), &classes).is_err());
}

#[test]
fn a_fit_that_is_asked_to_end_ends_with_what_it_has() {
    struct Hasty;
    impl Observer for Hasty {
        fn on(&self, _path: &str, event: Event<'_>) -> ControlFlow<Stop> {
            if matches!(event, Event::Step { .. }) { ControlFlow::Break(Stop) } else { ControlFlow::Continue(()) }
        }
    }
    let (data, _) = adult(0);
    let ctx = Context::new(1).with_observer(Arc::new(Hasty));
    let train = || Train::on(Table::hashed(data.clone()).unwrap() as Arc<dyn Source>);
    for l1_ratio in [0.0, 1.0] {
        let fitted = ctx.fit(&Logistic { l1_ratio, ..Logistic::default() }.part(), train()).unwrap();
        assert!(fitted.stopped && fitted.notes["iterations"] == 1);
        assert!(vectors(&apply(&fitted, &data), PROBABILITY).iter().all(|p| p.is_finite()));
    }
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let wrong: [(&str, Json); 6] = [
        ("logistic", serde_json::json!({ "c": 0.0 })),
        ("logistic", serde_json::json!({ "l1_ratio": 1.5 })),
        ("linear", serde_json::json!({ "alpha": -1.0 })),
        ("impute", serde_json::json!({ "fill_value": 1.0 })),
        ("levels", serde_json::json!({ "max_levels": 1 })),
        ("target_encode", serde_json::json!({ "cv": 1 })),
    ];
    for (kind, settings) in wrong {
        let mut map = settings.clone();
        map["kind"] = kind.into();
        assert!(registry().parse(Value::from(map)).is_err(), "{kind} {settings}");
    }
}

#[test]
fn numbers_far_apart_in_size_are_learnt_from_without_scaling() -> Result<()> {
    let mut random = arkwright_core::Random::new(9, "far");
    let n = 300;
    let large: Vec<f64> = (0..n).map(|_| 1e7 + 1e5 * random.normal()).collect();
    let small: Vec<f64> = (0..n).map(|_| 1e-4 * random.normal()).collect();
    let y: Vec<f64> =
        (0..n).map(|i| f64::from(u8::from((large[i] - 1e7) / 1e5 + small[i] / 1e-4 + random.normal() > 0.0))).collect();
    let mut columns = table(&[large, small]);
    columns.push((target(Kind::Category), labels(&y)));
    let data = frame(columns);
    let plain = fit(Logistic { c: 1e12, tol: 1e-12, ..Logistic::default() }, &data);
    assert_eq!(plain.notes["converged"], true);
    let scaled = apply(&fit(Scale::default(), &data), &data).with(target(Kind::Category), labels(&y))?;
    let other = fit(Logistic { c: 1e12, tol: 1e-12, ..Logistic::default() }, &scaled);
    assert_close(&vectors(&apply(&plain, &data), PROBABILITY), &vectors(&apply(&other, &scaled), PROBABILITY), 1e-4);
    Ok(())
}
