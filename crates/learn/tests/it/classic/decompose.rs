//! Decompositions.

use super::*;
use arkwright_core::Context;
use arkwright_learn::FitInputs;
use arkwright_learn::decompose::{Pca, Solver, TruncatedSvd};

#[test]
fn principal_components_are_scikit_learns_by_each_exact_solver() {
    for case in cases("pca") {
        for svd_solver in [Solver::Full, Solver::Covariance, Solver::Auto] {
            let real = Real::of(case);
            let columns = real.columns();
            let n_components = case["k"].as_u64().map(|k| k as usize);
            let step = Pca { n_components, whiten: case["whiten"] == true, svd_solver, ..Pca::default() };
            let found = step.fit(&design(&columns, real.rows()), None, &context()).unwrap();
            assert_close(found.model.components(), &floats(&case["components"]), 1e-8);
            assert_close(&floats(&found.notes["explained_variance"]), &floats(&case["variance"]), 1e-10);
            assert_close(&floats(&found.notes["explained_variance_ratio"]), &floats(&case["ratio"]), 1e-10);
            assert_close(&found.model.project(&design(&first(&columns, 5), 5)), &floats(&case["answers"]), 1e-7);
        }
    }
}

#[test]
fn a_share_of_the_variance_asks_for_as_many_directions_as_scikit_learn_takes() {
    for case in cases("pca_share") {
        let real = Real::of(case);
        let columns = real.columns();
        let step = Pca { explained: case["share"].as_f64(), ..Pca::default() };
        let found = step.fit(&design(&columns, real.rows()), None, &context()).unwrap();
        assert_eq!(found.model.components().len() / columns.len(), case["k"].as_u64().unwrap() as usize);
    }
}

#[test]
fn a_weight_is_a_repetition_to_principal_components() {
    let real = Real::named("wine");
    let columns = real.columns();
    let repeated: Vec<Vec<f64>> =
        real.x.iter().map(|c| c.iter().zip(&real.weight).flat_map(|(x, w)| vec![*x; *w as usize]).collect()).collect();
    let more: Vec<Column<'_>> = repeated.iter().map(|c| Column::F64(c)).collect();
    for svd_solver in [Solver::Full, Solver::Covariance] {
        let step = Pca { n_components: Some(4), svd_solver, ..Pca::default() };
        let one = step.fit(&design(&columns, real.rows()), Some(&real.weight), &context()).unwrap();
        let other = step.fit(&design(&more, repeated[0].len()), None, &context()).unwrap();
        assert_close(one.model.components(), other.model.components(), 1e-9);
        assert_close(&floats(&one.notes["explained_variance"]), &floats(&other.notes["explained_variance"]), 1e-11);
    }
}

#[test]
fn truncated_singular_values_are_scikit_learns_by_each_solver() {
    for case in cases("svd") {
        for algorithm in [Solver::Full, Solver::Covariance, Solver::Randomized] {
            let real = Real::of(case);
            let shifted: Vec<Vec<f64>> = real.x.iter().map(|c| c.iter().map(|v| v + 1.0).collect()).collect();
            let columns: Vec<Column<'_>> = shifted.iter().map(|c| Column::F64(c)).collect();
            let step = TruncatedSvd { n_components: 3, algorithm, n_iter: 30, ..TruncatedSvd::default() };
            let found = step.fit(&design(&columns, real.rows()), None, &context()).unwrap();
            assert_close(&floats(&found.notes["singular_values"]), &floats(&case["values"]), 1e-9);
            assert_close(found.model.components(), &floats(&case["components"]), 1e-7);
            assert_close(&found.model.project(&design(&first(&columns, 5), 5)), &floats(&case["answers"]), 1e-7);
        }
    }
}

#[test]
fn random_projections_find_what_all_directions_show() {
    let x = blobs(2500, 60, 12, 4);
    let columns: Vec<Column<'_>> = x.iter().map(|c| Column::F64(c)).collect();
    let fit = |svd_solver, threads| {
        let step = Pca { n_components: Some(8), svd_solver, ..Pca::default() };
        on_threads(threads, || step.fit(&design(&columns, 2500), None, &Context::new(2)).unwrap())
    };
    let (exact, drawn) = (fit(Solver::Full, 1), fit(Solver::Randomized, 1));
    assert_close(&floats(&drawn.notes["explained_variance"]), &floats(&exact.notes["explained_variance"]), 1e-9);
    assert_close(drawn.model.components(), exact.model.components(), 1e-5);
    assert_eq!(drawn.model.components(), fit(Solver::Randomized, 3).model.components());
    assert_eq!(fit(Solver::Covariance, 1).model.components(), fit(Solver::Covariance, 3).model.components());
}
