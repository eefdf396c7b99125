//! Fitted support vector machines: the rows on which answers rest, and how much each counts.
//!
//! A machine decides by `sum_i coef_i K(x_i, x) - rho`. A number is one machine's decision. Of k classes each pair has a
//! machine, which votes for one of the two; a class's raw value is its votes, and the sum s of the decisions for it, squeezed to
//! `s / (3 (|s| + 1))`, less than a vote (as scikit-learn's `decision_function` has it). Probabilities are the logistic function of the decision, or
//! the softmax of the raw values: in the right order, and no more than that. They are not calibrated.

use super::kernel::{Kernel, KernelName, Kernels};
use crate::dense::{Matrix, fits};
use crate::link::{odds, softmax};
use crate::{Design, Predict};
use arkwright_core::{Parts, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// One machine: support vectors by their places, and a threshold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Machine {
    pub vectors: Vec<u32>,
    pub coef: Vec<f64>,
    pub rho: f64,
}

/// Fitted support vector machines.
#[derive(Clone, Debug)]
pub struct Machines {
    /// What is taken from the columns before they are compared.
    mean: Vec<f64>,
    kernels: Kernels,
    machines: Vec<Machine>,
    /// 0 for a number.
    classes: usize,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    kernel: KernelName,
    degree: u32,
    classes: usize,
    support: usize,
}

/// Rows answered at a time.
const BLOCK: usize = 64;

impl Machines {
    /// Machines whose `vectors` are places of `rows`; rows that none of them needs are left out.
    pub(super) fn new(
        kernel: Kernel,
        rows: &Matrix,
        mean: Vec<f64>,
        mut machines: Vec<Machine>,
        classes: usize,
    ) -> Self {
        let mut used: Vec<u32> = machines.iter().flat_map(|m| m.vectors.iter().copied()).collect();
        used.sort_unstable();
        used.dedup();
        for at in machines.iter_mut().flat_map(|m| &mut m.vectors) {
            *at = used.partition_point(|u| u < at) as u32;
        }
        let kernels = Kernels::new(kernel, rows.take(used.iter().map(|&i| i as usize)));
        Self { mean, kernels, machines, classes }
    }

    /// How many rows the answers rest on.
    pub fn support(&self) -> usize {
        self.kernels.rows().rows()
    }

    /// The decisions of the machines for some rows: one for numbers and two classes, else one a pair (0, 1), (0, 2) ...
    /// (1, 2) ..., above 0 for the second of the pair.
    pub fn decisions(&self, x: &Design<'_>) -> Vec<f64> {
        let mut rows = Matrix::of(x);
        rows.each_row(|_, row| row.iter_mut().zip(&self.mean).for_each(|(x, m)| *x -= m));
        let (n, k) = (self.support(), self.machines.len());
        let mut out = vec![0.0; x.rows * k];
        out.par_chunks_mut(BLOCK * k).enumerate().for_each(|(i, out)| {
            let count = out.len() / k;
            let mut kernels = vec![0.0; count * n];
            let rows = rows.span(i * BLOCK..i * BLOCK + count);
            self.kernels.of(rows, &mut kernels);
            for (j, out) in out.chunks_exact_mut(k).enumerate() {
                let kernels = &kernels[j * n..(j + 1) * n];
                let gap = rows[j * self.mean.len()..(j + 1) * self.mean.len()].iter().any(|x| x.is_nan());
                for (out, machine) in out.iter_mut().zip(&self.machines) {
                    let terms = machine.vectors.iter().zip(&machine.coef);
                    let sum: f64 = terms.map(|(&at, coef)| coef * kernels[at as usize]).sum();
                    *out = if gap { f64::NAN } else { sum - machine.rho };
                }
            }
        });
        out
    }
}

/// The raw values of k classes from the decisions of their pairs.
fn votes(decisions: &[f64], out: &mut [f64]) {
    let k = out.len();
    let mut sums = vec![0.0; k];
    out.fill(0.0);
    let pairs = (0..k).flat_map(|i| (i + 1..k).map(move |j| (i, j)));
    for ((i, j), decision) in pairs.zip(decisions) {
        sums[i] -= decision;
        sums[j] += decision;
        out[if *decision > 0.0 { j } else { i }] += 1.0;
    }
    out.iter_mut().zip(sums).for_each(|(votes, sum)| *votes += sum / (3.0 * (sum.abs() + 1.0)));
}

impl Predict for Machines {
    const FORMAT: &'static str = "machines";

    fn outputs(&self) -> usize {
        self.classes.max(1)
    }

    fn predict(&self, x: &Design<'_>, out: &mut [f64]) {
        if !fits(x, self.mean.len(), self.outputs(), out) {
            return;
        }
        let decisions = self.decisions(x);
        match self.classes {
            0 => out.copy_from_slice(&decisions),
            2 => decisions.iter().zip(out.chunks_exact_mut(2)).for_each(|(&raw, out)| (out[0], out[1]) = odds(raw)),
            k => {
                for (decisions, out) in decisions.chunks_exact(self.machines.len()).zip(out.chunks_exact_mut(k)) {
                    votes(decisions, out);
                    softmax(out);
                }
            }
        }
    }

    fn save(&self, parts: &mut Parts) -> Result<()> {
        let Kernel { name, gamma, coef0, degree } = self.kernels.kernel();
        parts.put_json(&Saved { kernel: name, degree, classes: self.classes, support: self.support() })?;
        parts.put("numbers", vec![gamma, coef0]);
        parts.put("mean", self.mean.clone());
        parts.put("vectors", self.kernels.rows().values().to_vec());
        parts.put("rho", self.machines.iter().map(|m| m.rho).collect::<Vec<_>>());
        parts.put("counts", self.machines.iter().map(|m| m.vectors.len() as u32).collect::<Vec<_>>());
        parts.put("places", self.machines.iter().flat_map(|m| m.vectors.iter().copied()).collect::<Vec<_>>());
        parts.put("coef", self.machines.iter().flat_map(|m| m.coef.iter().copied()).collect::<Vec<_>>());
        Ok(())
    }

    fn load(parts: &Parts) -> Result<Self> {
        let Saved { kernel, degree, classes, support: n } = parts.get_json()?;
        let &[gamma, coef0] = parts.get("numbers")? else { return Err(parts.damaged("`numbers` is cut")) };
        let (mean, vectors): (&[f64], &[f64]) = (parts.get("mean")?, parts.get("vectors")?);
        let (rho, counts): (&[f64], &[u32]) = (parts.get("rho")?, parts.get("counts")?);
        let (places, coef): (&[u32], &[f64]) = (parts.get("places")?, parts.get("coef")?);
        let p = mean.len();
        let pairs = if classes == 0 { 1 } else { classes.saturating_mul(classes.saturating_sub(1)) / 2 };
        let whole = counts.iter().map(|&c| c as usize).sum::<usize>();
        let fits =
            n.checked_mul(p) == Some(vectors.len()) && rho.len() == pairs && counts.len() == pairs && classes != 1;
        if !fits || whole != places.len() || whole != coef.len() || places.iter().any(|&at| at as usize >= n) {
            return Err(parts.damaged("the machines do not fit their vectors"));
        }
        let mut start = 0;
        let machine = |(&count, &rho): (&u32, &f64)| {
            let at = start..start + count as usize;
            start = at.end;
            Machine { vectors: places[at.clone()].to_vec(), coef: coef[at].to_vec(), rho }
        };
        let machines = counts.iter().zip(rho).map(machine).collect();
        let kernel = Kernel { name: kernel, gamma, coef0, degree };
        let kernels = Kernels::new(kernel, Matrix::new(vectors.to_vec(), n, p));
        Ok(Self { mean: mean.to_vec(), kernels, machines, classes })
    }
}
