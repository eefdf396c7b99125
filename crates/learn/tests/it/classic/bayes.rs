//! Naive Bayes and discriminant analysis.

use super::*;
use arkwright_core::{Fitted, Frame, PROBABILITY, Value};

static PEER: LazyLock<Json> = LazyLock::new(|| fixture(include_str!("../../fixtures/bayes.json")));

/// A part of a file, fitted to some rows, with their weights where asked for.
fn learn(settings: Json, real: &Real, weighted: bool) -> Fitted {
    let part = registry().parse(Value::from(settings)).unwrap();
    fit_part(&part, &labelled(real, weighted)).unwrap()
}

fn labelled(real: &Real, weighted: bool) -> Frame {
    let labels: Vec<String> = real.y.iter().map(|y| y.to_string()).collect();
    let labels: Vec<Option<&str>> = labels.iter().map(|label| Some(label.as_str())).collect();
    let mut columns = table(&real.x);
    columns.push((target(arkwright_core::Kind::Category), texts(&labels)));
    if weighted {
        columns.push((weight(), numbers(&real.weight)));
    }
    frame(columns)
}

fn probabilities(fitted: &Fitted, real: &Real) -> Vec<f64> {
    vectors(&apply(fitted, &labelled(real, false)), PROBABILITY)
}

#[test]
fn probabilities_of_naive_bayes_and_discriminants_are_scikit_learns() {
    for case in PEER["cases"].as_array().unwrap() {
        let mut real = Real::of(case);
        if case["counts"] == true {
            for column in &mut real.x {
                let least = column.iter().copied().fold(f64::INFINITY, f64::min);
                column.iter_mut().for_each(|x| *x -= least);
            }
        }
        let [learnt, asked] = real.halves();
        let mut settings = case["settings"].clone();
        settings["kind"] = case["kind"].clone();
        println!("{} {settings}", case["table"]);
        let fitted = learn(settings, &learnt, case["weighted"] == true);
        // scikit-learn smooths by the variance of rows that all weigh the same.
        let tolerance = if case["kind"] == "gaussian_nb" && case["weighted"] == true { 1e-6 } else { 1e-8 };
        assert_close(&probabilities(&fitted, &asked), &floats(&case["answers"]), tolerance);
    }
}

#[test]
fn a_weight_is_a_repetition_to_all_of_them() {
    for kind in ["gaussian_nb", "bernoulli_nb", "lda", "qda"] {
        let real = Real::named("wine");
        let again = |v: &Vec<f64>| v.iter().zip(&real.weight).flat_map(|(x, w)| vec![*x; *w as usize]).collect();
        let more = Real { x: real.x.iter().map(again).collect(), y: again(&real.y), weight: again(&real.weight) };
        let settings = serde_json::json!({ "kind": kind });
        let (one, other) = (learn(settings.clone(), &real, true), learn(settings, &more, false));
        assert_close(&probabilities(&one, &real), &probabilities(&other, &real), 1e-8);
    }
}

#[test]
fn what_is_no_count_and_priors_of_other_classes_are_refused() {
    let real = Real::named("iris");
    let fails = |settings: Json| {
        let part = registry().parse(Value::from(settings)).unwrap();
        fit_part(&part, &labelled(&real, false)).err().unwrap().to_string()
    };
    let told = fails(serde_json::json!({ "kind": "multinomial_nb" }));
    assert!(told.contains("column `x0`, row 1: a number below 0, and multinomial_nb takes counts"), "{told}");
    let told = fails(serde_json::json!({ "kind": "lda", "priors": [0.5, 0.5] }));
    assert!(told.contains("2 priors are given, and there are 3 classes"), "{told}");
    let wrong = serde_json::json!({ "kind": "gaussian_nb", "priors": [0.5, 0.6] });
    assert!(registry().parse(Value::from(wrong)).is_err());
}
