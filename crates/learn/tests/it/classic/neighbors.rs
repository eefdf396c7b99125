//! Neighbours.

use super::*;
use arkwright_learn::neighbors::{Algorithm, Knn, Metric, RadiusNeighbors, Weights};
use arkwright_learn::{Fit, Predict};

static PEER: LazyLock<Json> = LazyLock::new(|| fixture(include_str!("../../fixtures/neighbors.json")));

fn setting<T: serde::de::DeserializeOwned>(json: &Json) -> T {
    serde_json::from_value(json.clone()).unwrap()
}

#[test]
fn neighbours_answer_as_scikit_learns_by_each_metric_and_way() {
    for (kind, case) in
        ["knn", "radius"].into_iter().flat_map(|k| PEER[k].as_array().unwrap().iter().map(move |c| (k, c)))
    {
        for algorithm in [Algorithm::Brute, Algorithm::KdTree] {
            let [learnt, asked] = Real::of(case).halves();
            let (weights, p) = (setting::<Weights>(&case["weights"]), case["metric"]["p"].as_f64().unwrap());
            let metric = setting::<Metric>(&case["metric"]["metric"]);
            let classes = case["classes"].as_u64().unwrap() as usize;
            let answers = learnt.with(classes, None, |samples| {
                let model = match kind {
                    "knn" => {
                        let n_neighbors = case["k"].as_u64().unwrap() as usize;
                        let step = Knn { n_neighbors, weights, algorithm, leaf_size: 4, p, metric };
                        step.fit(samples, None, &context()).unwrap().model
                    }
                    _ => {
                        let radius = case["radius"].as_f64().unwrap();
                        let step = RadiusNeighbors { radius, weights, algorithm, leaf_size: 4, p, metric };
                        step.fit(samples, None, &context()).unwrap().model
                    }
                };
                asked.answers(&model)
            });
            let k = classes.max(1);
            let told: Vec<f64> = floats(&case["asked"])
                .into_iter()
                .flat_map(|i| answers[i as usize * k..(i as usize + 1) * k].to_vec())
                .collect();
            assert!(told.len() >= 20 * k, "{kind} {}", case["table"]);
            assert_close(&told, &floats(&case["answers"]), 1e-9);
        }
    }
}

#[test]
fn a_rows_weight_is_its_vote_and_a_row_without_weight_is_none() {
    let columns = [Column::F64(&[0.0, 1.0, 2.0, 3.0])];
    let y = [1.0, 2.0, 3.0, 4.0];
    let samples = arkwright_learn::Samples {
        weight: Some(&[1.0, 3.0, 0.0, 1.0]),
        ..arkwright_learn::Samples::new(design(&columns, 4), arkwright_learn::Target::Values(&y))
    };
    let model = Knn { n_neighbors: 2, ..Knn::default() }.fit(&samples, None, &context()).unwrap().model;
    let mut out = [0.0; 2];
    model.predict(&design(&[Column::F64(&[0.2, 2.1])], 2), &mut out);
    assert_eq!(out, [(1.0 + 3.0 * 2.0) / 4.0, (3.0 * 2.0 + 4.0) / 4.0]);
    let error = Knn::default().fit(&samples, None, &context()).err().unwrap();
    assert!(error.to_string().contains("3 rows have no 5 neighbours"), "{error}");
}
