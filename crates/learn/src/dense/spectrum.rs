//! Eigenvectors and singular vectors, on one thread: the same bits for any number of them.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::svd::{ComputeSvdVectors, svd, svd_scratch};
use faer::{Mat, MatRef, Par};

/// The eigenvalues of a symmetric n x n matrix, falling, and the eigenvectors, one a row. `None` when it
/// has no end.
pub(crate) fn eigen(a: &[f64], n: usize) -> Option<(Vec<f64>, Vec<f64>)> {
    if n == 0 {
        return Some((Vec::new(), Vec::new()));
    }
    let matrix = MatRef::from_column_major_slice(a, n, n);
    let (mut values, mut vectors) = (Mat::<f64>::zeros(n, 1), Mat::<f64>::zeros(n, n));
    let scratch = self_adjoint_evd_scratch::<f64>(n, ComputeEigenvectors::Yes, Par::Seq, Default::default());
    let mut memory = MemBuffer::try_new(scratch).ok()?;
    let (s, u) = (values.as_mut().col_mut(0).as_diagonal_mut(), Some(vectors.as_mut()));
    self_adjoint_evd(matrix, s, u, Par::Seq, MemStack::new(&mut memory), Default::default()).ok()?;
    let falling = (0..n).rev();
    let rows = falling.clone().flat_map(|i| (0..n).map(move |j| (j, i))).map(|at| vectors[at]).collect();
    Some((falling.map(|i| values[(i, 0)]).collect(), rows))
}

/// The singular values of n x p numbers (row-major), falling, and the right singular vectors, one a row.
/// `None` when the decomposition has no end.
pub(crate) fn singular(a: &[f64], n: usize, p: usize) -> Option<(Vec<f64>, Vec<f64>)> {
    let k = n.min(p);
    if k == 0 {
        return Some((Vec::new(), Vec::new()));
    }
    let matrix = MatRef::from_row_major_slice(a, n, p);
    let (mut values, mut v) = (Mat::<f64>::zeros(k, 1), Mat::<f64>::zeros(p, k));
    let (no, thin) = (ComputeSvdVectors::No, ComputeSvdVectors::Thin);
    let mut memory = MemBuffer::try_new(svd_scratch::<f64>(n, p, no, thin, Par::Seq, Default::default())).ok()?;
    let s = values.as_mut().col_mut(0).as_diagonal_mut();
    svd(matrix, s, None, Some(v.as_mut()), Par::Seq, MemStack::new(&mut memory), Default::default()).ok()?;
    let rows = (0..k).flat_map(|i| (0..p).map(move |j| (j, i))).map(|at| v[at]).collect();
    Some(((0..k).map(|i| values[(i, 0)]).collect(), rows))
}
