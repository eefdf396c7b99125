//! Least squares with more columns than rows.
//!
//! The coefficients are a weighted sum of the rows, `b = Z'a`, so that the system to solve has a row and a
//! column for each row of the data: `(Z Z' + alpha W) a = y`, with Z the centred rows, each times the root of its
//! weight. Time n^2 p, memory n p.

use super::design::{Layout, dot};
use super::least_squares::{CUTOFF, Means, target};
use super::solve::{Cholesky, smallest};
use crate::{Column, Rows};
use arkwright_core::{Context, Error, Result};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

/// The coefficients that minimise the squared error with a ridge of `alpha`; without one those of smallest
/// norm, the columns brought to unit length.
pub(super) fn solve(rows: &dyn Rows, means: &Means, centred: bool, alpha: f64, ctx: &Context) -> Result<Vec<f64>> {
    let (n, p) = (means.rows, means.layout.width());
    ctx.allow("all rows and the products of all pairs of them", 8 * (n * p + 2 * n * n) as u64)?;
    let (mut z, mut y) = (Vec::with_capacity(n * p), Vec::with_capacity(n));
    rows.pass(&mut |batch| {
        let (values, w) = target(batch)?;
        let (x_mean, y_mean) = if centred { (&means.x[..], means.y) } else { (&[][..], 0.0) };
        for (row, (value, w)) in values.iter().zip(w.iter()).enumerate() {
            let root = w.sqrt();
            let start = z.len();
            unfold(batch.x.columns, &means.layout, row, &mut z);
            z[start..].iter_mut().zip(x_mean).for_each(|(z, mean)| *z -= mean);
            z[start..].iter_mut().for_each(|z| *z *= root);
            y.push(root * (value - y_mean));
        }
        if ctx.is_stopped() { Err(Error::Stopped) } else { Ok(()) }
    })?;
    if y.len() != n {
        return Err(Error::data("the rows change from pass to pass"));
    }
    let length = if alpha > 0.0 { vec![1.0; p] } else { lengths(&z, p) };
    z.chunks_exact_mut(p).for_each(|row| row.iter_mut().zip(&length).for_each(|(z, length)| *z /= length));
    let mut products = vec![0.0; n * n];
    let by_row = MatRef::from_column_major_slice(&z, p, n);
    let out = MatMut::from_column_major_slice_mut(&mut products, n, n);
    matmul(out, Accum::Replace, by_row.transpose(), by_row, 1.0, Par::Seq);
    (0..n).for_each(|i| products[i * (n + 1)] += alpha * means.total);
    let shares = match Cholesky::new(products.clone(), n).filter(|_| alpha > 0.0) {
        Some(cholesky) => {
            let mut shares = y.clone();
            cholesky.solve(&mut shares);
            Some(shares)
        }
        None => smallest(&products, n, &y, CUTOFF),
    };
    let shares = shares.ok_or_else(|| Error::data("least squares found no solution").with_hint("set alpha = 0.001"))?;
    let mut coef = vec![0.0; p];
    for (row, share) in z.chunks_exact(p).zip(&shares) {
        coef.iter_mut().zip(row).for_each(|(b, z)| *b += share * z);
    }
    coef.iter_mut().zip(&length).for_each(|(b, length)| *b /= length);
    Ok(coef)
}

/// The columns' lengths; 1 for a column of nothing.
fn lengths(z: &[f64], p: usize) -> Vec<f64> {
    let mut squares = vec![0.0; p];
    for row in z.chunks_exact(p) {
        squares.iter_mut().zip(row).for_each(|(s, z)| *s += z * z);
    }
    let rounding = f64::EPSILON * f64::EPSILON * dot(z, z);
    squares.into_iter().map(|s: f64| if s > rounding { s.sqrt() } else { 1.0 }).collect()
}

/// Adds the p numbers of a row.
fn unfold(columns: &[Column<'_>], layout: &Layout, row: usize, out: &mut Vec<f64>) {
    for (column, (shape, _)) in columns.iter().zip(layout.columns()) {
        match *column {
            Column::F32(values) => out.push(f64::from(values[row])),
            Column::F64(values) => out.push(values[row]),
            Column::Block { values, width } => out.extend_from_slice(&values[row * width..(row + 1) * width]),
            Column::Level { codes, .. } => {
                let at = codes[row] as usize;
                out.extend((0..shape.width()).map(|level| f64::from(u8::from(level == at))));
            }
        }
    }
}
