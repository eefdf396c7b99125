//! Every number here was made by scikit-learn, SciPy or NumPy: see `tests/reference/measure_scores.py`.

use arkwright_measure::association::{cramers_v, eta_squared, mutual_information, pearson, spearman};
use arkwright_measure::calibration::{Bins, reliability};
use arkwright_measure::classification::{Average, ClassScore, Confusion, ZeroDivision, labels};
use arkwright_measure::distribution::{histogram, quantile};
use arkwright_measure::ranking::{positives, precision_recall_curve, roc_curve};
use arkwright_measure::regression::pinball;
use arkwright_measure::{Metric, Predicted, Truth};
use serde_json::Value;

fn fixture() -> Value {
    serde_json::from_str(include_str!("../fixtures/scores.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn codes(value: &Value) -> Vec<u32> {
    numbers(value).iter().map(|&v| v as u32).collect()
}

fn weight(case: &Value) -> Option<Vec<f64>> {
    case["weight"].is_array().then(|| numbers(&case["weight"]))
}

#[track_caller]
fn near(ours: f64, theirs: f64, what: &str) {
    assert!((ours - theirs).abs() <= 1e-12 * theirs.abs().max(1.0), "{what}: {ours} here, {theirs} there");
}

#[track_caller]
fn all_near(ours: &[f64], theirs: &[f64], what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (a, b) in ours.iter().zip(theirs) {
        near(*a, *b, what);
    }
}

#[test]
fn scores_of_classes_are_scikit_learns_with_ties_and_weights() {
    let fixture = fixture();
    for group in ["binary", "multi"] {
        for case in fixture[group].as_array().unwrap() {
            let (truth, probabilities) = (codes(&case["truth"]), numbers(&case["probabilities"]));
            let truth = Truth::Classes { codes: &truth, count: case["count"].as_u64().unwrap() as usize };
            let (predicted, w) = (Predicted::Probabilities { values: &probabilities }, weight(case));
            for (name, score) in case["scores"].as_object().unwrap() {
                let ours = Metric::parse(name).unwrap().score(truth, predicted, w.as_deref()).unwrap();
                near(ours, score.as_f64().unwrap(), name);
            }
            for name in ["accuracy", "balanced_accuracy", "mcc", "kappa"] {
                let ours = Metric::parse(name).unwrap().score(truth, predicted, w.as_deref()).unwrap();
                near(ours, case["labels"][name].as_f64().unwrap(), name);
            }
        }
    }
}

fn check_labels(confusion: &Confusion, case: &Value) {
    all_near(&confusion.cells, &numbers(&case["confusion"]), "confusion");
    near(confusion.accuracy(), case["accuracy"].as_f64().unwrap(), "accuracy");
    near(confusion.balanced_accuracy(), case["balanced_accuracy"].as_f64().unwrap(), "balanced accuracy");
    near(confusion.mcc(), case["mcc"].as_f64().unwrap(), "mcc");
    near(confusion.kappa(), case["kappa"].as_f64().unwrap(), "kappa");
    for (digit, zero) in [(0, ZeroDivision::Zero), (1, ZeroDivision::One)] {
        for beta in [1.0, 2.0] {
            let theirs = |average: &str| &case[format!("prf_{average}_{beta}_{digit}")];
            let classes = confusion.class_scores(beta, zero);
            let columns: [fn(&ClassScore) -> f64; 3] = [|s| s.precision, |s| s.recall, |s| s.f_score];
            for (k, column) in columns.iter().enumerate() {
                let ours: Vec<f64> = classes.iter().map(column).collect();
                all_near(&ours, &numbers(&theirs("None")[k]), "scores of classes");
                for (name, average) in
                    [("micro", Average::Micro), ("macro", Average::Macro), ("weighted", Average::Weighted)]
                {
                    let ours = column(&confusion.scores(average, beta, zero).unwrap());
                    near(ours, theirs(name)[k].as_f64().unwrap(), &format!("{name} {k} beta {beta} zero {digit}"));
                }
            }
        }
    }
}

#[test]
fn precision_recall_and_f_scores_are_scikit_learns_for_every_average_and_zero_division() {
    let fixture = fixture();
    for group in ["binary", "multi"] {
        for case in fixture[group].as_array().unwrap() {
            let count = case["count"].as_u64().unwrap() as usize;
            let label = labels(&numbers(&case["probabilities"]), count).unwrap();
            let w = weight(case);
            check_labels(
                &Confusion::new(&codes(&case["truth"]), &label, count, w.as_deref()).unwrap(),
                &case["labels"],
            );
        }
    }
}

#[test]
fn classes_never_true_or_never_predicted_score_as_in_scikit_learn() {
    for case in fixture()["edge"].as_array().unwrap() {
        let count = case["count"].as_u64().unwrap() as usize;
        let confusion = Confusion::new(&codes(&case["truth"]), &codes(&case["predicted"]), count, None).unwrap();
        check_labels(&confusion, &case["labels"]);
    }
}

#[test]
fn curves_go_through_scikit_learns_points() {
    for case in fixture()["binary"].as_array().unwrap() {
        let truth = positives(&codes(&case["truth"]), 1);
        let score: Vec<f64> = numbers(&case["probabilities"]).iter().skip(1).step_by(2).copied().collect();
        let w = weight(case);
        let roc = roc_curve(&truth, &score, w.as_deref()).unwrap();
        let (fpr, tpr) = (numbers(&case["roc"]["fpr"]), numbers(&case["roc"]["tpr"]));
        for (x, y) in roc.false_positive_rate.iter().zip(&roc.true_positive_rate) {
            let on = |(a, b): (&f64, &f64)| (a - x).abs() < 1e-12 && (b - y).abs() < 1e-12;
            assert!(fpr.iter().zip(&tpr).any(on), "({x}, {y}) is not on the curve");
        }
        let steps = 1..roc.thresholds.len();
        let (x, y) = (&roc.false_positive_rate, &roc.true_positive_rate);
        let area: f64 = steps.map(|i| (x[i] - x[i - 1]) * (y[i] + y[i - 1]) / 2.0).sum();
        near(area, case["roc"]["area"].as_f64().unwrap(), "area");

        let pr = precision_recall_curve(&truth, &score, w.as_deref()).unwrap();
        let theirs = [&case["pr"]["precision"], &case["pr"]["recall"], &case["pr"]["thresholds"]].map(numbers);
        // scikit-learn keeps thresholds that only rows of weight 0 have; they repeat a point.
        let mut kept: Vec<usize> = (0..theirs[2].len()).collect();
        kept.retain(|&i| pr.thresholds.contains(&theirs[2][i]));
        assert_eq!(kept.len(), pr.thresholds.len());
        if w.is_none() {
            assert_eq!(kept.len(), theirs[2].len());
        }
        for (ours, &i) in kept.iter().enumerate() {
            near(pr.precision[ours], theirs[0][i], "precision");
            near(pr.recall[ours], theirs[1][i], "recall");
        }
        assert_eq!((pr.precision.last(), pr.recall.last()), (Some(&1.0), Some(&0.0)));
    }
}

#[test]
fn reliability_curves_are_scikit_learns_in_both_kinds_of_bins() {
    for case in fixture()["binary"].as_array().unwrap().iter().filter(|c| c["calibration"].is_object()) {
        let truth = positives(&codes(&case["truth"]), 1);
        let score: Vec<f64> = numbers(&case["probabilities"]).iter().skip(1).step_by(2).copied().collect();
        for (name, kind) in [("uniform", Bins::Uniform), ("quantile", Bins::Quantile)] {
            let ours = reliability(&truth, &score, 5, kind, None).unwrap();
            let (observed, predicted): (Vec<f64>, Vec<f64>) =
                ours.bins.iter().map(|b| (b.observed, b.predicted)).unzip();
            all_near(&observed, &numbers(&case["calibration"][name]["observed"]), name);
            all_near(&predicted, &numbers(&case["calibration"][name]["predicted"]), name);
        }
    }
}

#[test]
fn scores_of_numbers_are_scikit_learns_with_weights() {
    for case in fixture()["regression"].as_array().unwrap() {
        let (truth, predicted, w) = (numbers(&case["truth"]), numbers(&case["predicted"]), weight(case));
        for (name, score) in case["scores"].as_object().unwrap() {
            let metric = Metric::parse(name).unwrap();
            let ours = metric.score(Truth::Values(&truth), Predicted::Values(&predicted), w.as_deref()).unwrap();
            near(ours, score.as_f64().unwrap(), name);
        }
        for (alpha, score) in case["pinball"].as_object().unwrap() {
            let ours = pinball(&truth, &predicted, alpha.parse().unwrap(), w.as_deref()).unwrap();
            near(ours, score.as_f64().unwrap(), "pinball");
        }
    }
}

#[test]
fn associations_quantiles_and_histograms_are_scipys_and_numpys() {
    let fixture = fixture();
    let case = &fixture["association"];
    let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
    let (ca, cb) = (codes(&case["codes_a"]), codes(&case["codes_b"]));
    let theirs = |name: &str| case[name].as_f64().unwrap();
    near(pearson(&a, &b).unwrap(), theirs("pearson"), "pearson");
    near(spearman(&a, &b).unwrap(), theirs("spearman"), "spearman");
    near(mutual_information(&ca, &cb).unwrap(), theirs("mutual_information"), "mutual information");
    near(cramers_v(&ca, &cb).unwrap(), theirs("cramers_v"), "cramers_v");
    near(eta_squared(&codes(&case["group"]), &b).unwrap(), theirs("eta_squared"), "eta squared");
    for (q, value) in case["quantiles"].as_object().unwrap() {
        near(quantile(&a, q.parse().unwrap()).unwrap(), value.as_f64().unwrap(), "quantile");
    }
    let ours = histogram(&a, 7, None).unwrap();
    all_near(&ours.counts, &numbers(&case["histogram"][0]), "counts");
    all_near(&ours.edges, &numbers(&case["histogram"][1]), "edges");
}
