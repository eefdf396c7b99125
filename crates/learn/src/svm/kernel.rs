//! Kernels: products of rows in a space of many more dimensions than they have columns, without going there.
//!
//! Products come from panels, and the exponential runs in lanes: a kernel costs little more than the product.

use super::near::{self, Near};
use crate::dense::{LANES, Matrix, Panels, exp};
use pulp::Arch;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KernelName {
    /// `exp(-gamma |a - b|^2)`: near rows are alike.
    #[default]
    Rbf,
    /// `a.b`.
    Linear,
    /// `(gamma a.b + coef0)^degree`.
    Poly,
    /// `tanh(gamma a.b + coef0)`.
    Sigmoid,
}

/// A kernel with its numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Kernel {
    pub name: KernelName,
    pub gamma: f64,
    pub coef0: f64,
    pub degree: u32,
}

impl Kernel {
    /// The kernel of two rows, from their product and their squares.
    #[inline(always)]
    fn of(&self, product: f64, square: f64, other: f64) -> f64 {
        match self.name {
            KernelName::Linear => product,
            KernelName::Rbf => {
                let apart = square + other - 2.0 * product;
                exp(-self.gamma * if apart < 0.0 { 0.0 } else { apart })
            }
            KernelName::Poly => power(self.gamma * product + self.coef0, self.degree),
            KernelName::Sigmoid => {
                // tanh, from one exponential of a number below 0.
                let z = self.gamma * product + self.coef0;
                let e = exp(-2.0 * z.abs());
                let t = (1.0 - e) / (1.0 + e);
                if z < 0.0 { -t } else { t }
            }
        }
    }
}

/// A whole power by squarings: the same bits on any machine.
fn power(mut base: f64, mut times: u32) -> f64 {
    let mut out = 1.0;
    while times > 0 {
        if times & 1 == 1 {
            out *= base;
        }
        base *= base;
        times >>= 1;
    }
    out
}

/// Rows whose kernels with other rows are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Kernels {
    kernel: Kernel,
    rows: Matrix,
    panels: Panels,
    /// Filled up to whole panels.
    squares: Vec<f64>,
    /// The rows as `rbf` compares them with one of themselves, once asked for.
    near: Option<Near>,
}

/// Kernels of a row that one thread makes at a time.
const SPAN: usize = 4096;

impl Kernels {
    pub fn new(kernel: Kernel, rows: Matrix) -> Self {
        let (n, p) = (rows.rows(), rows.width());
        let panels = Panels::new(rows.values(), p, n);
        let mut squares: Vec<f64> = (0..n).map(|i| square(rows.row(i))).collect();
        squares.resize(n.div_ceil(LANES) * LANES, 0.0);
        Self { kernel, rows, panels, squares, near: None }
    }

    /// Makes ready for [`Kernels::row`].
    pub fn for_rows(mut self) -> Self {
        self.near = (self.kernel.name == KernelName::Rbf).then(|| Near::new(&self.rows, self.kernel.gamma));
        self
    }

    pub fn rows(&self) -> &Matrix {
        &self.rows
    }

    pub fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// The kernel of a row with itself.
    pub fn with_itself(&self, i: usize) -> f64 {
        self.kernel.of(self.squares[i], self.squares[i], self.squares[i])
    }

    /// The kernels of one of the rows with all of them, on all threads where they are many.
    pub fn row(&self, i: usize, out: &mut [f32]) {
        let one = |(at, out): (usize, &mut [f32])| {
            let first = at * SPAN;
            match &self.near {
                Some(near) => {
                    let panels = first / near::LANES..(first + out.len()).div_ceil(near::LANES);
                    near.kernels(self.rows.row(i), panels, out);
                }
                None => {
                    let panels = first / LANES..(first + out.len()).div_ceil(LANES);
                    self.span(self.rows.row(i), self.squares[i], panels, out);
                }
            }
        };
        match out.len() > SPAN {
            true => out.par_chunks_mut(SPAN).enumerate().for_each(one),
            false => one((0, out)),
        }
    }

    fn span(&self, row: &[f64], own: f64, panels: std::ops::Range<usize>, out: &mut [f32]) {
        let first = panels.start;
        self.panels.sweep_one(
            row,
            panels,
            #[inline(always)]
            |panel, products| {
                let squares = &self.squares[panel * LANES..(panel + 1) * LANES];
                let mut kernels = [0.0f32; LANES];
                for l in 0..LANES {
                    kernels[l] = self.kernel.of(products[l], own, squares[l]) as f32;
                }
                let at = (panel - first) * LANES;
                let many = LANES.min(out.len() - at);
                out[at..at + many].copy_from_slice(&kernels[..many]);
            },
        );
    }

    /// The kernels of other rows with all of these: `out` is rows x n.
    pub fn of(&self, rows: &[f64], out: &mut [f64]) {
        let (n, p) = (self.rows.rows(), self.rows.width());
        if n == 0 || out.is_empty() {
            return;
        }
        self.panels.products(rows, out);
        Arch::new().dispatch(
            #[inline(always)]
            || {
                let out = out;
                for (i, out) in out.chunks_exact_mut(n).enumerate() {
                    let own = square(&rows[i * p..(i + 1) * p]);
                    out.iter_mut().zip(&self.squares).for_each(|(k, other)| *k = self.kernel.of(*k, own, *other));
                }
            },
        );
    }
}

/// The square of a row, summed as products are.
fn square(row: &[f64]) -> f64 {
    row.iter().fold(0.0, |sum, x| x.mul_add(*x, sum))
}
