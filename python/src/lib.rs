//! What Python sees of Arkwright: the module `arkwright._core`.
//!
//! It has no logic of its own: tables come in ([`table`]), parts are fitted and applied ([`model`]), systems are
//! run and their bundles loaded ([`system`]), and the estimators' settings are told ([`specs`]), of which
//! `generate.py` writes the package's classes. Work is done on threads that Python does not wait for with its
//! lock held ([`work`]).

mod failure;
mod foreign;
mod lent;
mod model;
mod specs;
mod system;
mod table;
mod work;

use pyo3::prelude::*;

#[pymodule]
mod _core {
    #[pymodule_export]
    use crate::model::{Model, fit};
    #[pymodule_export]
    use crate::specs::specs;
    #[pymodule_export]
    use crate::system::{Served, run};
    #[pymodule_export]
    use crate::table::Table;

    /// The version of the package.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
