//! Bagging: of what it is the mean, and what it survives.

use crate::tables::*;
use arkwright_core::{Frame, Kind, Leaf, PREDICTION, PROBABILITY, Part, Random};
use arkwright_learn::MaxSamples;
use arkwright_learn::compose::{Bagging, Draws};
use arkwright_learn::linear::Linear;
use arkwright_learn::tree::DecisionTree;

fn made(n: usize, seed: u64) -> Frame {
    let mut random = Random::new(seed, "table");
    let x: Vec<Vec<f64>> = (0..4).map(|_| (0..n).map(|_| random.normal()).collect()).collect();
    let y: Vec<f64> = (0..n).map(|i| x[0][i] + x[1][i] * x[2][i] + 0.3 * random.normal()).collect();
    let mut columns = table(&x);
    columns.push((target(Kind::Number), numbers(&y)));
    frame(columns)
}

fn labelled(n: usize, seed: u64) -> Frame {
    let data = made(n, seed);
    let y = column(&data, "y");
    // One class is so rare that most draws lack it.
    let labels: Vec<Option<&str>> = y
        .iter()
        .enumerate()
        .map(|(i, y)| {
            Some(if i == 3 {
                "rare"
            } else if *y > 0.0 {
                "yes"
            } else {
                "no"
            })
        })
        .collect();
    data.filter(|f| f.name != "y").with(target(Kind::Category), texts(&labels)).unwrap()
}

fn bagged(of: Part, draws: Draws) -> Part {
    Bagging::part(of, draws)
}

#[test]
fn without_draws_it_is_the_estimator_itself() {
    let data = made(200, 1);
    let draws = Draws { n_estimators: 3, bootstrap: false, ..Draws::default() };
    let alone = apply(&fit(Linear::default(), &data), &data);
    let many = apply(&fit_part(&bagged(Linear::default().part(), draws), &data).unwrap(), &data);
    assert_close(&column(&many, PREDICTION), &column(&alone, PREDICTION), 1e-12);
}

#[test]
fn deep_trees_gain_from_it_and_out_of_bag_tells_how_well_it_does() {
    let (train, test) = (made(600, 1), made(600, 2));
    let rmse = |answers: &Frame| {
        let y = column(&test, "y");
        let off = column(answers, PREDICTION).iter().zip(&y).map(|(p, y)| (p - y).powi(2)).sum::<f64>();
        off / y.iter().map(|y| y * y).sum::<f64>()
    };
    let draws = Draws { n_estimators: 40, oob_score: true, ..Draws::default() };
    let fitted = fit_part(&bagged(DecisionTree::default().part(), draws), &train).unwrap();
    let (one, many) = (rmse(&apply(&fit(DecisionTree::default(), &train), &test)), rmse(&apply(&fitted, &test)));
    assert!(many < 0.7 * one, "{many} against {one}");
    let told = fitted.notes["oob_score"].as_f64().unwrap();
    assert!((1.0 - many - told).abs() < 0.08, "{told} where {} came out", 1.0 - many);
    assert_eq!(fitted.notes["oob_rows"], 600);
}

#[test]
fn a_class_that_a_draw_lacks_keeps_its_place_and_a_saved_one_answers_the_same() {
    let data = labelled(60, 5);
    let draws = Draws { max_features: 0.5, max_samples: Some(MaxSamples::Share(0.7)), ..Draws::default() };
    let fitted = fit_part(&bagged(DecisionTree::default().part(), draws), &data).unwrap();
    let answers = apply(&fitted, &data);
    let at = answers.position(PROBABILITY).unwrap();
    let Kind::Vector { names: Some(names), .. } = &answers.fields()[at].kind else { panic!() };
    assert_eq!(names.to_vec(), ["no", "rare", "yes"]);
    let p = vectors(&answers, PROBABILITY);
    assert!(p.chunks_exact(3).all(|p| (p.iter().sum::<f64>() - 1.0).abs() < 1e-12));
    let parts = fitted.model.save().unwrap();
    let loaded = registry().load(&parts).unwrap();
    let taken = data.select(&loaded.signature().takes).unwrap();
    assert_eq!(vectors(&loaded.apply(&taken, &context()).unwrap(), PROBABILITY), p);
    let mut damaged = parts.clone();
    damaged.children.remove("0003");
    assert!(registry().load(&damaged).is_err());
}

#[test]
fn it_is_the_same_on_any_number_of_threads_and_drawn_models_differ() {
    let data = made(200, 9);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let part = bagged(DecisionTree::default().part(), Draws { max_features: 0.6, ..Draws::default() });
        pool.install(|| fit_part(&part, &data).unwrap().model.save().unwrap())
    };
    let parts = run(1);
    assert!(parts == run(4));
    assert!(parts.children["0000"] != parts.children["0001"]);
}

#[test]
fn its_settings_are_read_and_refused_in_their_place() {
    let registry = registry();
    let parse = |text: &str| {
        let json: arkwright_core::Json = serde_json::from_str(text).unwrap();
        registry.parse(arkwright_core::Value::from(json))
    };
    let part = parse(r#"{ "kind": "bagging", "of": "decision_tree", "n_estimators": 5 }"#).unwrap();
    assert_eq!(part.settings["n_estimators"], 5);
    let error = parse(r#"{ "kind": "bagging", "of": "decision_tree", "n_estimator": 5 }"#).unwrap_err();
    assert!(error.to_string().contains("n_estimator"), "{error}");
    assert!(parse(r#"{ "kind": "bagging" }"#).unwrap_err().to_string().contains("`of` is missing"));
    let error = parse(r#"{ "kind": "bagging", "of": "linear", "oob_score": true, "bootstrap": false }"#).unwrap_err();
    assert!(error.to_string().contains("needs `bootstrap`"), "{error}");
}
