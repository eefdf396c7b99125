//! Support vector machines: the answer rests on a few rows, compared by a kernel.
//!
//! | estimator | for | learns |
//! |---|---|---|
//! | [`Svc`] | classes | the widest margin between each pair of them |
//! | [`Svr`] | a number | a flat function within a tube around the rows |

mod cache;
mod fit;
mod gamma;
pub(crate) mod kernel;
mod model;
mod near;
mod smo;
mod svc;
mod svr;

pub use gamma::Gamma;
pub use kernel::KernelName;
pub use model::Machines;
pub use svc::Svc;
pub use svr::Svr;

use crate::Predictor;
use arkwright_core::{Format, Spec};

/// The estimators of this folder.
pub fn specs() -> Vec<Spec> {
    vec![Spec::leaf::<Svc>(), Spec::leaf::<Svr>()]
}

/// The saved formats of this folder.
pub fn formats() -> Vec<Format> {
    vec![Predictor::<Machines>::loader()]
}
