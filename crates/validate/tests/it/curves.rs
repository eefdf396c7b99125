use crate::learner::{Simple, regress};
use arkwright_core::*;
use arkwright_measure::Metric;
use arkwright_validate::*;

fn wavy() -> Labelled {
    let mut random = Random::new(3, "test");
    let x: Vec<f64> = (0..300).map(|_| random.normal()).collect();
    let y: Vec<f64> = x.iter().map(|x| 3.0 * x + random.normal()).collect();
    let data = Table::hashed(regress(&x, &y)).unwrap();
    Labelled::new(Train::on(data), &Context::new(1)).unwrap()
}

#[test]
fn more_rows_bring_the_two_sides_of_a_learning_curve_together() {
    let rows = wavy();
    let split = Split { kind: SplitKind::Random, ..Split::default() };
    let folds = folds(rows.frame(), &split, 1).unwrap();
    let ctx = Context::new(1);
    let curve = learning_curve(&Simple::part(0.0), &rows, &folds, &[0.02, 0.2, 1.0], Metric::Mse, &ctx).unwrap();
    let gaps: Vec<f64> =
        curve.points.iter().map(|p| p.means()).map(|(train, valid)| valid.unwrap() - train.unwrap()).collect();
    assert_eq!(curve.points.iter().map(|p| p.rows).collect::<Vec<_>>(), [5, 48, 240]);
    assert!(gaps[0] > gaps[1] && gaps[2].abs() < 0.2, "{gaps:?}");
    assert!(learning_curve(&Simple::part(0.0), &rows, &folds, &[0.0], Metric::Mse, &ctx).is_err());
}

#[test]
fn a_validation_curve_shows_what_a_setting_does() {
    let rows = wavy();
    let folds = folds(rows.frame(), &Split::default(), 1).unwrap();
    let parts: Vec<(String, Part)> = [0.0, 1e4].iter().map(|ridge| (ridge.to_string(), Simple::part(*ridge))).collect();
    let curve = validation_curve(&parts, &rows, &folds, Metric::R2, &Context::new(1)).unwrap();
    let valid: Vec<f64> = curve.points.iter().map(|p| p.means().1.unwrap()).collect();
    assert!(valid[0] > 0.8 && valid[1] < 0.2, "{valid:?}");
}

#[test]
fn verdicts_tell_too_closely_from_too_little() {
    let quality = |train, valid, baseline, metric| verdict(train, valid, baseline, metric).unwrap().quality;
    assert_eq!(quality(0.95, 0.92, 0.5, Metric::RocAuc), FitQuality::Fine);
    assert_eq!(quality(1.0, 0.7, 0.5, Metric::RocAuc), FitQuality::Over);
    assert_eq!(quality(0.52, 0.51, 0.5, Metric::RocAuc), FitQuality::Under);
    assert_eq!(quality(0.05, 0.5, 0.69, Metric::LogLoss), FitQuality::Over);
    assert_eq!(quality(0.30, 0.33, 0.69, Metric::LogLoss), FitQuality::Fine);
    assert_eq!(quality(9.8, 9.9, 10.0, Metric::Rmse), FitQuality::Under);
    assert!(verdict(f64::NAN, 0.5, 0.5, Metric::RocAuc).is_err());
    let words = verdict(1.0, 0.7, 0.5, Metric::RocAuc).unwrap().words;
    assert!(words.contains("roc_auc 1.000 on rows learnt from, 0.7000 on others, 0.5000 by the baseline"), "{words}");
}

#[test]
fn a_line_through_noise_has_little_variance_and_the_noise_as_bias() {
    let rows = wavy();
    let folds = folds(rows.frame(), &Split::default(), 1).unwrap();
    let parts = bias_variance(&Simple::part(0.0), &rows, &folds[0], 50, &Context::new(1)).unwrap();
    assert!((parts.bias + parts.variance - parts.error).abs() < 1e-9);
    // Two coefficients learnt from 240 rows of noise 1: variance 2 / 240.
    assert!((parts.variance - 2.0 / 240.0).abs() < 0.006, "{parts:?}");
    assert!((parts.bias - 1.0).abs() < 0.35, "{parts:?}");
}
