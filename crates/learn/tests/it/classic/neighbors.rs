//! Neighbours.

use super::*;
use arkwright_learn::cluster::Dbscan;
use arkwright_learn::neighbors::{Algorithm, Knn, Metric, RadiusNeighbors, Weights};
use arkwright_learn::{Fit, FitInputs, MISSING, Predict};

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

#[test]
fn clusters_by_density_are_scikit_learns() {
    for case in PEER["dbscan"].as_array().unwrap() {
        let real = Real::of(case);
        let columns = real.columns();
        let x = design(&columns, real.rows());
        for algorithm in [Algorithm::Brute, Algorithm::KdTree] {
            let step = Dbscan {
                eps: case["eps"].as_f64().unwrap(),
                min_samples: if case["weighted"] == true { 8 } else { 5 },
                metric: setting(&case["metric"]["metric"]),
                p: case["metric"]["p"].as_f64().unwrap(),
                algorithm,
                leaf_size: 4,
                ..Dbscan::default()
            };
            let weight = (case["weighted"] == true).then_some(&real.weight[..]);
            let found = step.fit(&x, weight, &context()).unwrap();
            assert_eq!(found.notes["cores"], case["cores"]);
            let labels: Vec<f64> =
                found.model.labels(&x).iter().map(|&l| if l == MISSING { -1.0 } else { f64::from(l) }).collect();
            assert_close(&labels, &floats(&case["labels"]), 0.0);
        }
    }
}

#[test]
fn a_chain_is_one_cluster_however_many_rows_it_has() {
    // More rows than are linked at a time, and every row a link of the chain.
    let x: Vec<f64> = (0..10_000).map(|i| f64::from(i * 7919 % 10_000)).collect();
    let columns = [Column::F64(&x)];
    let fit = |eps, threads| {
        let step = Dbscan { eps, min_samples: 2, ..Dbscan::default() };
        on_threads(threads, || step.fit(&design(&columns, 10_000), None, &context()).unwrap().notes)
    };
    assert_eq!(fit(1.0, 1)["clusters"], 1);
    assert_eq!(fit(1.0, 3), fit(1.0, 1));
    let none = fit(0.5, 1);
    assert_eq!((&none["clusters"], &none["noise"]), (&0.into(), &10_000.into()));
}
