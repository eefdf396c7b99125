//! The first singular vectors by random projections (Halko, Martinsson & Tropp 2011, "Finding structure with
//! randomness").
//!
//! A few random directions q are replaced by `A'A q`, made orthogonal, again and again: what is large in A grows. In the
//! few directions that come out A is small enough to be decomposed.

use super::solver::Directions;
use crate::dense::{Matrix, Panels, eigen};
use crate::linear::design::{dot, total};
use arkwright_core::Context;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

/// The directions of `rows`, from which `mean` has been taken, in a space of `width` directions.
pub(super) fn randomized(
    rows: &Matrix,
    mean: Vec<f64>,
    width: usize,
    n_iter: usize,
    ctx: &Context,
) -> Option<Directions> {
    let p = rows.width();
    let mut random = ctx.random("randomized svd");
    let mut q: Vec<f64> = (0..width * p).map(|_| random.normal()).collect();
    orthogonalise(&mut q, p);
    for _ in 0..n_iter.max(1) {
        q = there_and_back(rows, &q, width).0;
        orthogonalise(&mut q, p);
    }
    // In these directions: `(A Q)'(A Q)`, decomposed.
    let (_, products) = there_and_back(rows, &q, width);
    let (squares, small) = eigen(&products, width)?;
    let mut vectors = vec![0.0; width * p];
    for (out, shares) in vectors.chunks_exact_mut(p).zip(small.chunks_exact(width)) {
        for (share, q) in shares.iter().zip(q.chunks_exact(p)) {
            out.iter_mut().zip(q).for_each(|(out, q)| *out += share * q);
        }
    }
    Some(Directions { mean, squares, vectors })
}

/// `A'A q` for each of `width` directions, and the products `(A q_i).(A q_j)`.
fn there_and_back(rows: &Matrix, q: &[f64], width: usize) -> (Vec<f64>, Vec<f64>) {
    let (n, p) = (rows.rows(), rows.width());
    let chunk = n.div_ceil(32).max(1024);
    let panels = Panels::new(q, p, width);
    let parts: Vec<(Vec<f64>, Vec<f64>)> = (0..n.div_ceil(chunk))
        .into_par_iter()
        .map(|i| {
            let here = i * chunk..((i + 1) * chunk).min(n);
            let m = here.len();
            let a = rows.span(here);
            let mut y = vec![0.0; m * width];
            panels.products(a, &mut y);
            let (mut back, mut products) = (vec![0.0; p * width], vec![0.0; width * width]);
            let a = MatRef::from_row_major_slice(a, m, p);
            let y = MatRef::from_row_major_slice(&y, m, width);
            let out = MatMut::from_column_major_slice_mut(&mut back, p, width);
            matmul(out, Accum::Replace, a.transpose(), y, 1.0, Par::Seq);
            let out = MatMut::from_column_major_slice_mut(&mut products, width, width);
            matmul(out, Accum::Replace, y.transpose(), y, 1.0, Par::Seq);
            (back, products)
        })
        .collect();
    let (back, products) = parts.into_iter().unzip();
    (total(back, p * width), total(products, width * width))
}

/// Makes rows of length p orthogonal and of unit length (Gram-Schmidt, twice); what depends on the rows before it becomes zero.
fn orthogonalise(q: &mut [f64], p: usize) {
    for i in 0..q.len() / p {
        let (before, rest) = q.split_at_mut(i * p);
        let row = &mut rest[..p];
        let length = dot(row, row).sqrt();
        for _ in 0..2 {
            for other in before.chunks_exact(p) {
                let share = dot(other, row);
                row.iter_mut().zip(other).for_each(|(x, o)| *x -= share * o);
            }
        }
        let left = dot(row, row).sqrt();
        let scale = if left > 1e-12 * length { 1.0 / left } else { 0.0 };
        row.iter_mut().for_each(|x| *x *= scale);
    }
}
