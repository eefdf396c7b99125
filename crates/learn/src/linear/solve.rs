//! Systems of linear equations with symmetric matrices, on one thread: the same bits for any number of them.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{cholesky_in_place, cholesky_in_place_scratch};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::{Mat, MatMut, MatRef, Par};

/// The Cholesky factor of a positive definite matrix (by columns).
pub(crate) struct Cholesky {
    l: Vec<f64>,
    n: usize,
}

impl Cholesky {
    /// Factors `a`, n x n; `None` when it is not positive definite.
    pub fn new(mut a: Vec<f64>, n: usize) -> Option<Self> {
        let matrix = MatMut::from_column_major_slice_mut(&mut a, n, n);
        let mut memory = MemBuffer::try_new(cholesky_in_place_scratch::<f64>(n, Par::Seq, Default::default())).ok()?;
        let stack = MemStack::new(&mut memory);
        cholesky_in_place(matrix, Default::default(), Par::Seq, stack, Default::default()).ok()?;
        let factor = Self { l: a, n };
        (0..n).all(|i| factor.l[i + n * i].is_finite() && factor.l[i + n * i] > 0.0).then_some(factor)
    }

    /// The smallest pivot: for a matrix of correlations, the share of a column that the columns
    /// before it do not explain.
    pub fn smallest_pivot(&self) -> f64 {
        (0..self.n).map(|i| self.l[i + self.n * i].powi(2)).fold(f64::INFINITY, f64::min)
    }

    /// Solves `A x = b` in place.
    pub fn solve(&self, b: &mut [f64]) {
        let n = self.n;
        for j in 0..n {
            let column = &self.l[n * j..n * (j + 1)];
            b[j] /= column[j];
            let x = b[j];
            b[j + 1..].iter_mut().zip(&column[j + 1..]).for_each(|(b, l)| *b -= x * l);
        }
        for j in (0..n).rev() {
            let column = &self.l[n * j..n * (j + 1)];
            let rest: f64 = column[j + 1..].iter().zip(&b[j + 1..]).map(|(l, b)| l * b).sum();
            b[j] = (b[j] - rest) / column[j];
        }
    }
}

/// The solution of smallest norm of `A x = b`, A n x n, symmetric and not negative, by its eigenvectors:
/// those whose eigenvalue is below `cutoff` times the largest are taken for rounding. `None` when the
/// decomposition fails.
pub(crate) fn smallest(a: &[f64], n: usize, b: &[f64], cutoff: f64) -> Option<Vec<f64>> {
    let matrix = MatRef::from_column_major_slice(a, n, n);
    let mut values = Mat::<f64>::zeros(n, 1);
    let mut vectors = Mat::<f64>::zeros(n, n);
    let scratch = self_adjoint_evd_scratch::<f64>(n, ComputeEigenvectors::Yes, Par::Seq, Default::default());
    let mut memory = MemBuffer::try_new(scratch).ok()?;
    self_adjoint_evd(
        matrix,
        values.as_mut().col_mut(0).as_diagonal_mut(),
        Some(vectors.as_mut()),
        Par::Seq,
        MemStack::new(&mut memory),
        Default::default(),
    )
    .ok()?;
    let largest = (0..n).map(|i| values[(i, 0)]).fold(0.0, f64::max);
    let mut x = vec![0.0; n];
    for i in 0..n {
        let value = values[(i, 0)];
        if value > cutoff * largest {
            let share = (0..n).map(|j| vectors[(j, i)] * b[j]).sum::<f64>() / value;
            x.iter_mut().enumerate().for_each(|(j, x)| *x += share * vectors[(j, i)]);
        }
    }
    Some(x)
}

/// `A x` for a symmetric matrix by columns.
pub(crate) fn times(a: &[f64], x: &[f64]) -> Vec<f64> {
    let n = x.len();
    let mut out = vec![0.0; n];
    for (column, x) in a.chunks_exact(n.max(1)).zip(x) {
        out.iter_mut().zip(column).for_each(|(out, a)| *out += a * x);
    }
    out
}
