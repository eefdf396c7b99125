//! Generalised linear models.

use super::*;
use arkwright_learn::Fit;
use arkwright_learn::linear::Glm;

static PEER: LazyLock<Json> = LazyLock::new(|| fixture(include_str!("../../fixtures/glm.json")));

#[test]
fn coefficients_are_scikit_learns_for_each_power() {
    for case in PEER["cases"].as_array().unwrap() {
        let mut real = Real::of(case);
        let power = case["power"].as_f64().unwrap();
        if power >= 2.0 {
            real.y.iter_mut().for_each(|y| *y += 1.0);
        }
        let weight = (case["weighted"] == true).then_some(&real.weight[..]);
        let (alpha, fit_intercept) = (case["alpha"].as_f64().unwrap(), case["intercept"] == true);
        let step = Glm { power, alpha, fit_intercept, tol: 1e-10, ..Glm::default() };
        let found = real.with(0, weight, |rows| step.fit(rows, None, &context()).unwrap());
        assert_eq!(found.notes["converged"], true, "{case}");
        assert_close(found.model.coef(), &floats(&case["coef"]), 1e-7);
        assert_close(found.model.intercept(), &[case["at"].as_f64().unwrap()], 1e-7);
        assert_close(&real.answers(&found.model)[..5], &floats(&case["answers"]), 1e-7);
    }
}

#[test]
fn many_columns_go_another_way_to_the_same_optimum() {
    let mut random = arkwright_core::Random::new(5, "wide");
    let x: Vec<Vec<f64>> = (0..600).map(|_| (0..300).map(|_| random.normal()).collect()).collect();
    let y: Vec<f64> = (0..300).map(|i| (0.3 * x[0][i] + 0.2 * x[1][i]).exp().round()).collect();
    let real = Real { x, weight: vec![1.0; 300], y };
    let step = Glm { alpha: 0.5, tol: 1e-9, max_iter: 1000, ..Glm::default() };
    let model = real.with(0, None, |rows| step.fit(rows, None, &context()).unwrap().model);
    // The optimum's own condition: the gradient is zero.
    let answers = real.answers(&model);
    for (column, coef) in real.x.iter().zip(model.coef()) {
        let pull: f64 = column.iter().zip(&answers).zip(&real.y).map(|((x, a), y)| x * (a - y)).sum::<f64>() / 300.0;
        assert!((pull + 0.5 * coef).abs() < 1e-8);
    }
}

#[test]
fn a_target_that_no_such_distribution_has_is_refused() {
    let real = Real { x: vec![vec![1.0, 2.0]], y: vec![0.0, 3.0], weight: vec![1.0; 2] };
    let fails = |power| {
        let step = Glm { power, ..Glm::default() };
        real.with(0, None, |rows| step.fit(rows, None, &context())).err().map(|e| e.to_string())
    };
    assert_eq!(fails(1.5), None);
    assert!(fails(2.0).unwrap().contains("row 1: the target is 0, and `power = 2` needs it above 0"));
    let between = serde_json::json!({ "kind": "glm", "power": 0.5 });
    assert!(registry().parse(arkwright_core::Value::from(between)).is_err());
}
