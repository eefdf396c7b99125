//! Fitting a part to a table, and what comes of it.

use crate::failure::raised;
use crate::lent;
use crate::specs::registry;
use crate::table::{Table, column};
use crate::work::{at_once, quietly, work};
use arkwright_bundle::{decode, encode};
use arkwright_core::{
    BlobData, Context, Error, Field, Frame, Json, Kind, Model as Fitted, Parts, Role, Table as Rows, Train, Value,
    Wiring, collect,
};
use arrow::array::ArrayRef;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::sync::Arc;

/// A fitted part.
#[pyclass(frozen, module = "arkwright._core")]
pub struct Model {
    model: Arc<dyn Fitted>,
}

/// Fits a part, `{"kind": ..., settings}` as JSON, to a table.
///
/// `target` is an array of codes from 0 on for `classes` classes, and of numbers where `classes` is None. Gives
/// the model, what the fit tells as JSON, and the rows that a next step would learn from, where those are not
/// the model applied to the table.
#[pyfunction]
#[pyo3(signature = (part, table, *, target=None, classes=None, weight=None, group=None, event=None, seed=0, threads=None))]
#[allow(clippy::too_many_arguments)]
pub fn fit(
    py: Python<'_>,
    part: &str,
    table: &Table,
    target: Option<Bound<'_, PyAny>>,
    classes: Option<usize>,
    weight: Option<Bound<'_, PyAny>>,
    group: Option<Bound<'_, PyAny>>,
    event: Option<Bound<'_, PyAny>>,
    seed: u64,
    threads: Option<usize>,
) -> PyResult<(Model, String, Option<Table>)> {
    let part: Json = serde_json::from_str(part).map_err(|e| raised(Error::setting(e.to_string())))?;
    let part = registry().parse(Value::from(part)).map_err(raised)?;
    let kind = if classes.is_some() { Kind::Category } else { Kind::Number };
    let roles = [
        ("target", target, kind, Role::Target),
        ("weight", weight, Kind::Number, Role::Weight),
        ("group", group, Kind::Number, Role::Group),
        ("event", event, Kind::Number, Role::Event),
    ];
    let mut frame = table.frame.clone();
    for (name, values, kind, role) in roles {
        if let Some(values) = values {
            // A name that no column has: a column of the table may be called `target`.
            let name = free(name, &frame);
            let values: ArrayRef = column(&values)?;
            frame = frame.with(Field::new(name, kind, role), values).map_err(raised)?;
        }
    }
    let job = |stop| {
        let ctx = Context::new(seed).with_registry(registry().clone()).with_stop(stop);
        let fitted = ctx.fit(&part, Train::on(Rows::new(frame, None)))?;
        if fitted.stopped {
            return Err(Error::Stopped);
        }
        let rows = fitted.rows.as_ref().map(|rows| collect(rows.as_ref(), &ctx)).transpose()?;
        Ok((fitted.model, fitted.notes, rows.map(|rows| rows.filter(|f| f.role == Role::Input))))
    };
    let (model, notes, rows) = work(py, threads, |_| Ok(()), job)?.map_err(raised)?;
    Ok((Model { model }, notes.to_string(), rows.map(|frame| Table { frame })))
}

fn free(name: &str, frame: &Frame) -> String {
    let mut name = name.to_string();
    while frame.position(&name).is_some() {
        name.push('_');
    }
    name
}

#[pymethods]
impl Model {
    /// The names of the columns that it takes.
    #[getter]
    fn takes(&self) -> Vec<String> {
        self.model.signature().takes.clone()
    }

    /// The names of the columns that it gives.
    #[getter]
    fn gives(&self) -> Vec<String> {
        self.model.signature().gives.iter().map(|f| f.name.clone()).collect()
    }

    /// The names within each column that it gives: of a vector's numbers, or how many they are; None for others.
    fn within<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let told = |field: &Field| match &field.kind {
            Kind::Vector { names: Some(names), .. } => Ok(names.to_vec().into_pyobject(py)?.into_any()),
            Kind::Vector { width: Some(width), .. } => Ok(width.into_pyobject(py)?.into_any()),
            _ => Ok(py.None().into_bound(py)),
        };
        self.model.signature().gives.iter().map(told).collect()
    }

    /// What it gives for a table.
    #[pyo3(signature = (table, threads=None))]
    fn apply(&self, py: Python<'_>, table: &Table, threads: Option<usize>) -> PyResult<Table> {
        let apply = |stop| {
            let wiring = Wiring::new(self.model.signature(), table.frame.fields())?;
            self.model.apply(&wiring.taken(&table.frame), &context(stop))
        };
        let frame = match table.frame.rows() {
            0 | 1 => at_once(py, || apply(Arc::default()))?,
            _ => quietly(py, threads, apply)?,
        };
        Ok(Table { frame })
    }

    /// How much each column moved each answer (SHAP values): an array of rows x answers x columns, the mean
    /// answers, the columns' names and the answers' names.
    #[pyo3(signature = (table, threads=None))]
    #[allow(clippy::type_complexity)]
    fn attribute<'py>(
        &self,
        py: Python<'py>,
        table: &Table,
        threads: Option<usize>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>, Vec<String>, Vec<String>)> {
        let told = quietly(py, threads, |stop| {
            let skills = self.model.skills();
            let skill = skills.attribute.ok_or_else(|| Error::data("this model cannot split its answers"))?;
            let wiring = Wiring::new(self.model.signature(), table.frame.fields())?;
            skill.attribute(&wiring.taken(&table.frame), &context(stop))
        })?;
        let shape = [table.frame.rows(), told.outputs.len(), told.inputs.len()];
        let values = lent::array(py, &told.values, "f8", &shape)?;
        Ok((values, lent::array(py, &told.base, "f8", &[told.base.len()])?, told.inputs, told.outputs))
    }

    /// What it is made of: `{"format", "json", "blobs", "children"}`, numbers as arrays.
    fn parts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        told(py, &self.model.save().map_err(raised)?)
    }

    /// The model as data.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.model.save().and_then(|parts| encode(&parts)).map_err(raised)?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// A model from its data.
    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> PyResult<Self> {
        let model = decode(bytes).and_then(|parts| registry().load(&parts)).map_err(raised)?;
        Ok(Self { model })
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        Ok((py.get_type::<Self>().getattr("from_bytes")?, (self.to_bytes(py)?,)))
    }

    // Models are immutable: a copy is the model.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }
}

fn context(stop: Arc<std::sync::atomic::AtomicBool>) -> Context {
    Context::new(0).with_registry(registry().clone()).with_stop(stop)
}

fn told<'py>(py: Python<'py>, parts: &Parts) -> PyResult<Bound<'py, PyDict>> {
    let (blobs, children, whole) = (PyDict::new(py), PyDict::new(py), PyDict::new(py));
    for (name, blob) in &parts.blobs {
        let array = match &blob.data {
            BlobData::U8(v) => lent::array(py, v, "u1", &blob.shape),
            BlobData::U16(v) => lent::array(py, v, "u2", &blob.shape),
            BlobData::U32(v) => lent::array(py, v, "u4", &blob.shape),
            BlobData::I32(v) => lent::array(py, v, "i4", &blob.shape),
            BlobData::U64(v) => lent::array(py, v, "u8", &blob.shape),
            BlobData::F32(v) => lent::array(py, v, "f4", &blob.shape),
            BlobData::F64(v) => lent::array(py, v, "f8", &blob.shape),
        };
        blobs.set_item(name, array?)?;
    }
    for (name, child) in &parts.children {
        children.set_item(name, told(py, child)?)?;
    }
    whole.set_item("format", &parts.format)?;
    whole.set_item("json", parts.json.to_string())?;
    whole.set_item("blobs", blobs)?;
    whole.set_item("children", children)?;
    Ok(whole)
}
