use crate::formula::{Formula, category, fixture, frame, normals, number, numbers, peer};
use arkwright_core::{Context, Field, Frame, Kind};
use arkwright_explain::{Partial, accumulated_effects, partial_dependence};
use arrow::array::{ArrayRef, Int32Array};
use std::sync::Arc;

fn near(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9)
}

#[test]
fn partial_dependence_is_that_of_scikit_learn() {
    let (frame, model) = peer();
    let told = &partial_dependence(&model, &frame, "a", &Partial::default(), &Context::new(1)).unwrap()[0];
    let peer = &fixture()["partial"];
    assert_eq!(told.values.as_ref().unwrap(), &numbers(&peer["grid"]));
    assert!(near(&told.mean, &numbers(&peer["mean"])));
    assert!(near(&told.single[0], &numbers(&peer["first"])));
    assert_eq!((told.single.len(), told.output.as_str()), (30, "prediction"));
}

#[test]
fn a_number_of_many_values_is_tried_between_its_quantiles() {
    let rows = frame(vec![number("a", (0..=100).map(f64::from).collect())]);
    let model = Formula::new(&["a"], false, |x| x[0]);
    let settings = Partial { points: 10, ..Partial::default() };
    let told = &partial_dependence(&model, &rows, "a", &settings, &Context::new(1)).unwrap()[0];
    assert!(near(&told.mean, &(0..10).map(|i| 5.0 + 10.0 * f64::from(i)).collect::<Vec<_>>()));
}

#[test]
fn a_category_and_a_whole_number_keep_their_types() {
    let labels = (0..60).map(|i| [Some("a"), Some("bb"), Some("a"), None][i % 4]).collect();
    let (field, column) = category("c", labels);
    let whole: ArrayRef = Arc::new(Int32Array::from_iter_values(0..60));
    let rows = Frame::new([field, Field::input("n", Kind::Number)], vec![column, whole], 60).unwrap();
    let model = Formula::new(&["c", "n"], true, |x| (x[0] + x[1] / 100.0) / 4.0);
    let told = partial_dependence(&model, &rows, "c", &Partial::default(), &Context::new(1)).unwrap();
    assert_eq!(
        (told.len(), told[0].output.as_str(), told[0].labels.clone()),
        (1, "yes", vec!["a".to_string(), "bb".into()])
    );
    assert!(near(&told[0].mean, &[(1.0 + 0.295) / 4.0, (2.0 + 0.295) / 4.0]), "{:?}", told[0].mean);
    assert!(told[0].values.is_none());
    let told = partial_dependence(&model, &rows, "n", &Partial::default(), &Context::new(1)).unwrap();
    assert!(told[0].values.as_ref().unwrap().iter().all(|v| v.fract() == 0.0));
    let error = partial_dependence(&model, &rows, "nn", &Partial::default(), &Context::new(1)).unwrap_err();
    assert!(error.hint().unwrap().contains("`n`") || error.to_string().contains("no such column"), "{error}");
}

#[test]
fn local_effects_of_a_sum_are_its_terms_and_of_twins_their_share() {
    let a = normals(500, "a");
    let b = normals(500, "b");
    let ctx = Context::new(1);
    let rows = frame(vec![number("a", a.clone()), number("b", b)]);
    let sum = Formula::new(&["a", "b"], false, |x| 3.0 * x[0] + x[1] * x[1]);
    let told = &accumulated_effects(&sum, &rows, "a", 10, &ctx).unwrap()[0];
    assert!(
        told.edges
            .windows(2)
            .zip(told.effect.windows(2))
            .all(|(x, y)| ((y[1] - y[0]) - 3.0 * (x[1] - x[0])).abs() < 1e-9)
    );
    assert_eq!(told.counts, [50; 10]);
    let mean: f64 = (0..10).map(|i| (told.effect[i] + told.effect[i + 1]) / 2.0 * 50.0).sum();
    assert!(mean.abs() < 1e-9);
    // Where b is a, the local effect of a in a b is its slope b = a alone: a^2 / 2, not a^2.
    let twins = frame(vec![number("a", a.clone()), number("b", a)]);
    let product = Formula::new(&["a", "b"], false, |x| x[0] * x[1]);
    let told = &accumulated_effects(&product, &twins, "a", 50, &ctx).unwrap()[0];
    let (first, last) = (told.edges[0], told.edges[told.edges.len() - 1]);
    let rise = told.effect[told.effect.len() - 1] - told.effect[0];
    assert!((rise - (last * last - first * first) / 2.0).abs() < 0.3, "{rise}");
    let flat = frame(vec![number("a", vec![1.0; 9]), number("b", vec![1.0; 9])]);
    assert!(accumulated_effects(&product, &flat, "a", 5, &ctx).unwrap_err().to_string().contains("one value only"));
}
