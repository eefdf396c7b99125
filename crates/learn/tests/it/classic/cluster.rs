//! Clusters.

use super::*;
use arkwright_core::Context;
use arkwright_learn::cluster::{Init, KMeans};
use arkwright_learn::{FitInputs, Given, Transform};

#[test]
fn k_means_from_the_same_centres_is_scikit_learns() {
    for case in cases("k_means") {
        let real = Real::of(case);
        let columns = real.columns();
        let x = design(&columns, real.rows());
        let step = KMeans { n_clusters: case["k"].as_u64().unwrap() as usize, ..KMeans::default() };
        let weight = (case["weighted"] == true).then_some(&real.weight[..]);
        let found = step.fit_from(&x, weight, &floats(&case["start"]), &context()).unwrap();
        assert_close(found.model.centres(), &floats(&case["centres"]), 1e-10);
        let labels: Vec<f64> = found.model.labels(&x).into_iter().map(f64::from).collect();
        assert_close(&labels, &floats(&case["labels"]), 0.0);
        assert_close(&[found.notes["inertia"].as_f64().unwrap()], &[case["inertia"].as_f64().unwrap()], 1e-10);
        assert_eq!(found.notes["iterations"], case["iterations"], "{}", case["table"]);
        let [_, Given::Vectors(distances, _)] = &found.model.transform(&design(&first(&columns, 5), 5))[..] else {
            panic!("no distances")
        };
        assert_close(distances, &floats(&case["distances"]), 1e-10);
    }
}

/// Plain rounds, without bounds.
fn plainly(x: &[Vec<f64>], mut centres: Vec<Vec<f64>>, rounds: usize) -> (Vec<Vec<f64>>, Vec<u32>) {
    let (n, p) = (x[0].len(), x.len());
    let mut labels = vec![0; n];
    for round in 0..=rounds {
        for (i, label) in labels.iter_mut().enumerate() {
            let far = |c: &Vec<f64>| (0..p).map(|j| (x[j][i] - c[j]).powi(2)).sum::<f64>();
            *label = (0..centres.len()).min_by(|&a, &b| far(&centres[a]).total_cmp(&far(&centres[b]))).unwrap() as u32;
        }
        if round == rounds {
            break;
        }
        for (c, centre) in centres.iter_mut().enumerate() {
            let of: Vec<usize> = (0..n).filter(|&i| labels[i] == c as u32).collect();
            if !of.is_empty() {
                *centre = (0..p).map(|j| of.iter().map(|&i| x[j][i]).sum::<f64>() / of.len() as f64).collect();
            }
        }
    }
    (centres, labels)
}

#[test]
fn bounds_spare_distances_and_change_no_cluster() {
    for (n, p, k, spread) in [(5000, 3, 17, 4), (3000, 12, 30, 1)] {
        let x = blobs(n, p, spread, 3);
        let columns: Vec<Column<'_>> = x.iter().map(|c| Column::F64(c)).collect();
        let start: Vec<Vec<f64>> = (0..k).map(|c| x.iter().map(|column| column[c * 97]).collect()).collect();
        for rounds in [1, 2, 5, 12] {
            let step = KMeans { n_clusters: k, max_iter: rounds as u64, tol: 0.0, ..KMeans::default() };
            let found = step.fit_from(&design(&columns, n), None, &start.concat(), &context()).unwrap();
            let (centres, labels) = plainly(&x, start.clone(), rounds);
            assert_close(found.model.centres(), &centres.concat(), 1e-9);
            assert_eq!(found.model.labels(&design(&columns, n)), labels);
        }
    }
}

#[test]
fn k_means_plus_plus_finds_the_blobs_with_any_number_of_threads() {
    let x = blobs(9000, 5, 20, 11);
    let columns: Vec<Column<'_>> = x.iter().map(|c| Column::F64(c)).collect();
    let fit = |init, n_init, threads| {
        let step = KMeans { n_clusters: 20, init, n_init, ..KMeans::default() };
        on_threads(threads, || step.fit(&design(&columns, 9000), None, &Context::new(5)).unwrap())
    };
    let one = fit(Init::PlusPlus, 1, 1);
    // The noise's own spread, with 20 means fitted.
    let noise = 5.0 * (9000.0 - 20.0);
    assert!((one.notes["inertia"].as_f64().unwrap() / noise - 1.0).abs() < 0.05, "{}", one.notes["inertia"]);
    assert_eq!(one.model.centres(), fit(Init::PlusPlus, 1, 3).model.centres());
    let inertia = |n_init| fit(Init::Random, n_init, 2).notes["inertia"].as_f64().unwrap();
    assert!(inertia(10) < inertia(1));
}

#[test]
fn more_clusters_than_distinct_rows_are_fitted_and_more_than_rows_are_refused() {
    let columns = [Column::F64(&[1.0, 1.0, 2.0, 2.0, 2.0])];
    let fit = |k| KMeans { n_clusters: k, ..KMeans::default() }.fit(&design(&columns, 5), None, &context());
    assert!(fit(4).unwrap().notes["inertia"].as_f64().unwrap() < 1e-20);
    assert!(fit(6).err().unwrap().to_string().contains("5 rows cannot make 6 clusters"));
}
