//! What estimators there are: their settings, defaults and descriptions, as JSON, from the one list that the
//! system file knows too.

use crate::failure::raised;
use arkwright_core::{Error, Registry};
use pyo3::prelude::*;
use serde_json::json;
use std::sync::OnceLock;

static REGISTRY: OnceLock<Registry> = OnceLock::new();

/// Everything that is known by name.
pub fn registry() -> &'static Registry {
    REGISTRY.get_or_init(arkwright_flow::registry)
}

/// All estimators, as JSON: `[{kind, version, about, tasks, prepare, schema, defaults}]`.
///
/// `defaults` is null where settings have no default, because an estimator is held within.
#[pyfunction]
pub fn specs() -> PyResult<String> {
    let told = registry().specs().map(|spec| {
        json!({
            "kind": spec.kind,
            "version": spec.version,
            "about": spec.about,
            "tasks": spec.tasks,
            "prepare": spec.prepare,
            "schema": (spec.schema)(),
            "defaults": spec.defaults(registry()).ok(),
        })
    });
    let told: Vec<_> = told.collect();
    serde_json::to_string(&told).map_err(|e| raised(Error::Saved(e.to_string())))
}
