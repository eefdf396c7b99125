use crate::formula::{category, frame, number, target};
use arkwright_explain::{Slices, slices};
use arkwright_measure::Metric;
use arkwright_validate::{Predictions, Truth};

#[test]
fn slices_are_scored_by_themselves() {
    let colours = ["red", "red", "red", "blue", "blue", "rare"];
    let rows = frame(vec![
        category("colour", (0..60).map(|i| if i < 54 { Some(colours[i % 6]) } else { None }).collect()),
        number("size", (0..60).map(|i| if i == 59 { f64::NAN } else { f64::from(i) }).collect()),
        target(number("y", (0..60).map(f64::from).collect())),
    ]);
    let truth = Truth::of(&rows).unwrap();
    let said = Predictions::Values((0..60).map(|i| f64::from(i) + if i % 6 < 3 { 1.0 } else { 3.0 }).collect());
    let settings = Slices {
        columns: vec!["colour".into(), "size".into()],
        metrics: vec![Metric::Mae, Metric::R2],
        min_rows: 6,
        ..Slices::default()
    };
    let told = slices(&rows, &truth, &said, None, &settings).unwrap();
    assert_eq!(told.overall[0], Some(2.0));
    let of = |label: &str| told.slices.iter().find(|s| s.label == label).unwrap();
    assert_eq!((of("red").rows, of("red").scores[0]), (27, Some(1.0)));
    assert_eq!((of("blue").rows, of("blue").scores[0]), (18, Some(3.0)));
    assert_eq!((of("missing").rows, of("missing").scores[0]), (6, Some(2.0)));
    let sizes: Vec<(&str, u64)> =
        told.slices.iter().filter(|s| s.column == "size").map(|s| (s.label.as_str(), s.rows)).collect();
    assert_eq!(sizes, [("0 to 14.5", 15), ("14.5 to 29", 15), ("29 to 43.5", 14), ("43.5 to 58", 15)]);
    let few = slices(&rows, &truth, &said, None, &Slices { min_rows: 20, ..settings.clone() }).unwrap();
    assert_eq!(few.slices.len(), 1);
    assert!(slices(&rows, &truth, &Predictions::Values(vec![0.0]), None, &settings).is_err());
    let unsuited = Slices { metrics: vec![Metric::RocAuc], ..settings };
    assert!(slices(&rows, &truth, &said, None, &unsuited).is_err());
}

#[test]
fn a_metric_that_a_slice_leaves_undefined_is_none() {
    let labels = ["no", "yes", "no", "yes"];
    let rows = frame(vec![
        category("c", (0..40).map(|i| Some(if i % 4 < 2 { "both" } else { "one" })).collect()),
        target(category("y", (0..40).map(|i| Some(if i % 4 == 2 { "yes" } else { labels[i % 4] })).collect())),
    ]);
    let truth = Truth::of(&rows).unwrap();
    let said = Predictions::Probabilities {
        values: (0..40).flat_map(|i| [1.0 - f64::from(i) / 40.0, f64::from(i) / 40.0]).collect(),
        count: 2,
    };
    let settings =
        Slices { columns: vec!["c".into()], metrics: vec![Metric::RocAuc], min_rows: 1, ..Slices::default() };
    let told = slices(&rows, &truth, &said, None, &settings).unwrap();
    let of = |label: &str| told.slices.iter().find(|s| s.label == label).unwrap().scores[0];
    assert!(of("both").is_some() && of("one").is_none() && told.overall[0].is_some());
}
