//! What fits of support vectors share: the kernel's numbers, rows around their mean, and how the steps ended.

use super::gamma::Gamma;
use super::kernel::{Kernel, KernelName};
use super::model::Machines;
use super::smo::Solution;
use crate::Outcome;
use crate::dense::Matrix;
use crate::step::steps;
use arkwright_core::{Context, Error, Result};

/// The kernel for some rows as they weigh.
pub(super) fn kernel(
    name: KernelName,
    gamma: Gamma,
    coef0: f64,
    degree: u32,
    rows: &Matrix,
    weight: Option<&[f64]>,
) -> Result<Kernel> {
    let gamma = gamma.value(rows, weight);
    match gamma.is_finite() && gamma > 0.0 {
        true => Ok(Kernel { name, gamma, coef0, degree }),
        false => Err(too_large()),
    }
}

/// Takes the mean from rows whose distances alone count, and tells it: near the origin distances are exact.
pub(super) fn center(rows: &mut Matrix, kernel: Kernel, weight: Option<&[f64]>) -> Vec<f64> {
    if kernel.name != KernelName::Rbf {
        return vec![0.0; rows.width()];
    }
    let mean = rows.means(weight);
    rows.each_row(|_, row| row.iter_mut().zip(&mean).for_each(|(x, m)| *x -= m));
    mean
}

fn too_large() -> Error {
    Error::data("the numbers are too large for a kernel").with_hint("put a `scale` step before it")
}

/// How the steps of one or more machines ended.
pub(super) struct Settled {
    iterations: u64,
    converged: bool,
    stopped: bool,
}

impl Default for Settled {
    fn default() -> Self {
        Self { iterations: 0, converged: true, stopped: false }
    }
}

impl Settled {
    pub fn add(&mut self, found: &Solution) -> Result<()> {
        self.iterations += found.iterations;
        self.converged &= found.converged;
        self.stopped |= found.stopped;
        match found.rho.is_finite() && found.signed.iter().all(|a| a.is_finite()) {
            true => Ok(()),
            false => Err(too_large()),
        }
    }

    pub fn outcome(self, who: &str, model: Machines, ctx: &Context) -> Outcome<Machines> {
        if !self.converged && !self.stopped {
            ctx.warn(&format!(
                "{who} did not converge in {} steps; raise max_iter, or scale the inputs",
                self.iterations
            ));
        }
        let mut notes = steps(self.iterations, self.converged);
        notes["support_vectors"] = model.support().into();
        Outcome { model, notes, stopped: self.stopped }
    }
}
