//! What users get wrong, and what each measure answers.

use arkwright_measure::association::{Feature, one_feature_score};
use arkwright_measure::calibration::{Bins, reliability};
use arkwright_measure::classification::labels;
use arkwright_measure::ranking::{roc_auc, roc_curve};
use arkwright_measure::regression::{gamma_deviance, median_ae, r2, tweedie_deviance};
use arkwright_measure::{Bootstrap, Error, Metric, Predicted, Prepared, Task, Truth};

fn score(name: &str, codes: &[u32], values: &[f64]) -> Result<f64, Error> {
    Metric::parse(name)?.score(Truth::Classes { codes, count: 2 }, Predicted::Probabilities { values }, None)
}

#[test]
fn no_rows_differing_lengths_and_impossible_weights_are_refused() {
    assert_eq!(roc_auc(&[], &[], None), Err(Error::Empty { what: "truth" }));
    assert_eq!(roc_auc(&[true], &[], None), Err(Error::Length { what: "score", expected: 1, found: 0 }));
    let weigh = |w: &[f64]| roc_auc(&[true, false], &[0.1, 0.2], Some(w)).unwrap_err();
    assert_eq!(weigh(&[1.0]), Error::Length { what: "weight", expected: 2, found: 1 });
    assert_eq!(weigh(&[1.0, -1.0]), Error::Weight { row: 1, value: -1.0 });
    assert!(matches!(weigh(&[f64::NAN, 1.0]), Error::Weight { row: 0, .. }));
    assert_eq!(weigh(&[0.0, 0.0]), Error::NoWeight);
    assert_eq!(weigh(&[1.0, 0.0]), Error::OneClass { measure: "roc_auc" });
}

#[test]
fn one_class_has_no_ranking_and_the_message_says_so() {
    let error = score("roc_auc", &[1, 1], &[0.2, 0.8, 0.3, 0.7]).unwrap_err();
    assert_eq!(error.to_string(), "roc_auc compares classes, and the rows that count are all of one class");
    assert!(score("average_precision", &[0, 0], &[0.2, 0.8, 0.3, 0.7]).is_err());
    assert!(score("log_loss", &[1, 1], &[0.2, 0.8, 0.3, 0.7]).unwrap() > 0.0);
}

#[test]
fn what_is_not_a_probability_or_a_class_or_a_number_is_refused_with_its_row() {
    assert_eq!(score("log_loss", &[0, 1], &[0.5, 0.5, 1.2, -0.2]), Err(Error::NotProbabilities { row: 1 }));
    assert_eq!(score("brier", &[0, 1], &[0.5, 0.4, 0.5, 0.5]), Err(Error::NotProbabilities { row: 0 }));
    assert_eq!(score("accuracy", &[0, 1], &[0.5, 0.5, f64::NAN, 0.5]), Err(Error::NotProbabilities { row: 1 }));
    assert!(matches!(score("accuracy", &[0, 2], &[0.5, 0.5, 0.5, 0.5]), Err(Error::Code { row: 1, code: 2, .. })));
    assert_eq!(r2(&[1.0, f64::INFINITY], &[1.0, 1.0], None), Err(Error::NotFinite { what: "truth", row: 1 }));
    assert!(matches!(gamma_deviance(&[1.0, 0.0], &[1.0, 1.0], None), Err(Error::Domain { row: 1, .. })));
    assert_eq!(r2(&[1.0], &[1.0], None), Err(Error::TooFew { measure: "r2", needs: 2, found: 1 }));
    assert!(matches!(reliability(&[true], &[1.5], 10, Bins::Uniform, None), Err(Error::NotProbabilities { row: 0 })));
}

#[test]
fn a_metric_that_does_not_suit_says_what_it_needs() {
    let (codes, values) = ([0, 1], [0.1, 0.9]);
    let (classes, scores) = (Truth::Classes { codes: &codes, count: 2 }, Predicted::Values(&values));
    assert_eq!(Metric::LogLoss.score(classes, scores, None).unwrap_err().to_string(), "log_loss needs probabilities");
    assert!(Metric::Rmse.score(classes, scores, None).is_err());
    assert!(Metric::Accuracy.score(Truth::Values(&values), scores, None).is_err());
    assert!(Metric::RocAuc.score(classes, Predicted::Classes(&codes), None).is_err());
    assert_eq!(Metric::RocAuc.score(classes, scores, None), Ok(1.0));
    assert_eq!(Metric::Accuracy.score(classes, Predicted::Classes(&codes), None), Ok(1.0));
}

#[test]
fn a_misspelt_metric_is_answered_with_the_nearest_and_other_tools_names_with_ours() {
    for (given, ours) in [
        ("roc_acu", "roc_auc"),
        ("auc", "roc_auc"),
        ("LogLoss", "log_loss"),
        ("acuracy", "accuracy"),
        ("neg_mean_squared_error", "mse"),
        ("R2", "r2"),
        ("balanced-accuracy", "balanced_accuracy"),
    ] {
        let error = Metric::parse(given).unwrap_err();
        assert_eq!(error.to_string(), format!("there is no metric called `{given}`: did you mean `{ours}`?"));
    }
    assert_eq!(Metric::parse("colour").unwrap_err().to_string(), "there is no metric called `colour`");
}

#[test]
fn the_table_of_metrics_is_in_the_order_of_the_variants_and_every_default_suits_its_task() {
    for metric in Metric::all() {
        assert_eq!(metric.about().metric, metric);
        assert_eq!(Metric::parse(metric.name()), Ok(metric));
        assert_eq!(serde_json::to_value(metric).unwrap(), metric.name());
    }
    for task in [Task::Binary, Task::Multiclass, Task::Regression] {
        assert!(Metric::defaults(task).iter().all(|m| m.suits(task)));
    }
}

#[test]
fn tweedie_deviance_is_scikit_learns() {
    // scikit-learn 1.9.1: mean_tweedie_deviance(truth, predicted, power=...).
    let (truth, predicted) = ([2.0, 0.0, 1.0, 4.5], [0.5, 0.5, 2.0, 2.5]);
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
    close(tweedie_deviance(&truth, &predicted, 1.5, None).unwrap(), 1.7200819430491843);
    close(tweedie_deviance(&truth, &predicted, 1.2, Some(&[1.0, 2.0, 3.0, 1.0])).unwrap(), 1.1748417388061871);
    assert!(tweedie_deviance(&truth, &predicted, 2.0, None).is_err());
}

#[test]
fn what_has_no_groups_or_events_is_told_how_to_name_them() {
    let (truth, predicted) = (Truth::Values(&[1.0, 2.0]), Predicted::Values(&[1.0, 2.0]));
    let told = |metric: Metric| metric.score(truth, predicted, None).unwrap_err().to_string();
    assert_eq!(told(Metric::Ndcg), "ndcg needs lists of rows: name the column that holds their groups");
    assert!(told(Metric::Concordance).contains("name the column that holds the events"));
    let alike = Truth::Ranked { relevance: &[0.0, 0.0], group: &[1, 1] };
    let told = Metric::Map.score(alike, predicted, None).unwrap_err().to_string();
    assert!(told.contains("no two of the rows that count have a right one"), "{told}");
}

#[test]
fn a_resample_draws_lists_whole() {
    // Ten lists of two rows, of which half are ranked right.
    let relevance: Vec<f64> = (0..20).map(|i| f64::from(i % 2)).collect();
    let score: Vec<f64> = (0..20).map(|i| if i / 2 % 2 == 0 { f64::from(i % 2) } else { -f64::from(i % 2) }).collect();
    let group: Vec<u32> = (0..20).map(|i| i / 2).collect();
    let truth = Truth::Ranked { relevance: &relevance, group: &group };
    let prepared = Prepared::new(Metric::Mrr, truth, Predicted::Values(&score), None).unwrap();
    let interval = Bootstrap { resamples: 4000, ..Bootstrap::default() }.interval(&prepared).unwrap();
    // The mean of ten values of 1 or 1/2: a standard error of 0.079.
    assert!((interval.value - 0.75).abs() < 1e-12);
    assert!((interval.low - 0.6).abs() < 0.051 && (interval.high - 0.9).abs() < 0.051, "{interval:?}");
}

#[test]
fn a_tie_of_probabilities_goes_to_the_lower_code() {
    assert_eq!(labels(&[0.5, 0.5, 0.2, 0.8, 0.9, 0.1], 2), Ok(vec![0, 1, 0]));
    assert_eq!(labels(&[0.4, 0.2, 0.4], 3), Ok(vec![0]));
}

#[test]
fn scores_that_are_all_equal_are_chance_and_both_zeros_are_one_score() {
    let truth = [true, false, true, false];
    assert_eq!(roc_auc(&truth, &[0.3; 4], None), Ok(0.5));
    assert_eq!(roc_auc(&truth, &[0.0, -0.0, -0.0, 0.0], None), Ok(0.5));
    let curve = roc_curve(&truth, &[0.3; 4], None).unwrap();
    assert_eq!(curve.false_positive_rate, [0.0, 1.0]);
}

#[test]
fn a_class_without_rows_is_left_out_of_the_macro_average() {
    let values = [0.7, 0.2, 0.1, 0.2, 0.7, 0.1, 0.6, 0.3, 0.1, 0.3, 0.6, 0.1];
    let truth = Truth::Classes { codes: &[0, 1, 0, 1], count: 3 };
    assert_eq!(Metric::RocAuc.score(truth, Predicted::Probabilities { values: &values }, None), Ok(1.0));
}

#[test]
fn a_weighted_median_of_errors_equals_repetition() {
    let (y, p) = ([1.0, 2.0, 3.0], [1.5, 4.0, 3.0]);
    let weighted = median_ae(&y, &p, Some(&[1.0, 2.0, 3.0])).unwrap();
    let repeated = median_ae(&[1.0, 2.0, 2.0, 3.0, 3.0, 3.0], &[1.5, 4.0, 4.0, 3.0, 3.0, 3.0], None).unwrap();
    assert_eq!(weighted, repeated);
}

#[test]
fn a_leak_scores_near_one_and_an_identifier_like_chance() {
    let n = 600_u32;
    let codes: Vec<u32> = (0..n).map(|i| u32::from((i * 7919) % 10 < 3)).collect();
    let truth = Truth::Classes { codes: &codes, count: 2 };
    let leak: Vec<f64> = codes.iter().enumerate().map(|(i, &c)| f64::from(c) + (i % 7) as f64 / 10.0).collect();
    let humped: Vec<f64> = codes.iter().enumerate().map(|(i, &c)| if c == 1 { 0.5 } else { (i % 2) as f64 }).collect();
    let id: Vec<u32> = (0..n).collect();
    let score = |feature| one_feature_score(feature, truth).unwrap();
    assert_eq!(score(Feature::Values(&leak)), 1.0);
    assert_eq!(score(Feature::Values(&humped)), 1.0);
    assert_eq!(score(Feature::Codes(&codes)), 1.0);
    assert!(score(Feature::Codes(&id)) < 0.55);
    assert_eq!(score(Feature::Values(&[f64::NAN; 600])), 0.5);

    let target: Vec<f64> = (0..n).map(|i| f64::from(i % 50)).collect();
    let truth = Truth::Values(&target);
    assert!(one_feature_score(Feature::Values(&target), truth).unwrap() > 0.999);
    assert!(one_feature_score(Feature::Codes(&id), truth).unwrap() < 0.01);
}

#[test]
fn missing_values_that_tell_the_target_are_a_leak_too() {
    let codes: Vec<u32> = (0..200).map(|i| u32::from(i % 3 == 0)).collect();
    let values: Vec<f64> =
        codes.iter().enumerate().map(|(i, &c)| if c == 1 { f64::NAN } else { (i % 11) as f64 }).collect();
    let truth = Truth::Classes { codes: &codes, count: 2 };
    assert_eq!(one_feature_score(Feature::Values(&values), truth), Ok(1.0));
}
