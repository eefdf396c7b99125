//! Tables: what Python hands in as a frame, and what a frame is read back as.

use crate::failure::raised;
use crate::foreign::{self, CAPSULE, Stream};
use crate::lent;
use arkwright_core::{Error, Field, Frame, Kind};
use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int32Type, UInt32Type};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyList, PyString};
use std::borrow::Cow;
use std::sync::Arc;

/// Rows of named columns, as learners read them. Made by `Table.matrix`, `Table.columns` and `Table.stream`.
#[pyclass(frozen, module = "arkwright._core")]
pub struct Table {
    /// The columns.
    pub frame: Frame,
}

#[pymethods]
impl Table {
    /// A NumPy array of two dimensions, a column each; borrowed where the layout allows.
    #[staticmethod]
    fn matrix(array: &Bound<'_, PyAny>, names: Vec<String>) -> PyResult<Self> {
        let rows: usize = array.getattr("shape")?.get_item(0)?.extract()?;
        Self::of(names, lent::columns(array)?, Some(rows))
    }

    /// Columns: NumPy arrays of one dimension, lists of text or None, or pairs of an array of `int32` codes
    /// (-1 where missing) and a list of the categories.
    #[staticmethod]
    #[pyo3(signature = (names, columns, rows=None))]
    fn columns(names: Vec<String>, columns: Vec<Bound<'_, PyAny>>, rows: Option<usize>) -> PyResult<Self> {
        Self::of(names, columns.iter().map(column).collect::<PyResult<_>>()?, rows)
    }

    /// Any table that hands itself over through Arrow's C interface.
    #[staticmethod]
    fn stream(table: &Bound<'_, PyAny>) -> PyResult<Self> {
        let capsule = table.call_method0("__arrow_c_stream__")?;
        let capsule = capsule.cast::<PyCapsule>()?;
        let stream = capsule.pointer_checked(Some(CAPSULE))?.as_ptr().cast::<Stream>();
        // SAFETY: a capsule of this name holds a stream, and the capsule was made for this call.
        let (names, batches) = unsafe { foreign::read(stream) }.map_err(raised)?;
        let fields =
            |columns: &[ArrayRef]| names.iter().zip(columns).map(|(name, c)| input(name, c)).collect::<Vec<_>>();
        let frames = batches.into_iter().map(|columns| {
            let rows = columns.first().map_or(0, |c| c.len());
            Frame::new(fields(&columns), columns, rows)
        });
        let frames = frames.collect::<Result<Vec<_>, _>>().map_err(raised)?;
        let frame = match frames.is_empty() {
            true => Frame::new(Vec::new(), Vec::new(), 0),
            false => Frame::concat(&frames),
        };
        Ok(Self { frame: frame.map_err(raised)? })
    }

    /// The number of rows.
    #[getter]
    fn rows(&self) -> usize {
        self.frame.rows()
    }

    /// The columns' names.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.frame.fields().iter().map(|f| f.name.clone()).collect()
    }

    /// What the columns are: `number`, `category`, `time` ...
    #[getter]
    fn kinds(&self) -> Vec<&'static str> {
        self.frame.fields().iter().map(|f| f.kind.name()).collect()
    }

    /// The named columns, in that order.
    fn select(&self, names: Vec<String>) -> PyResult<Self> {
        Ok(Self { frame: self.frame.select(&names).map_err(raised)? })
    }

    /// The rows at an array of `uint32`, in that order.
    fn take(&self, rows: &Bound<'_, PyAny>) -> PyResult<Self> {
        let rows = column(rows)?;
        let rows = rows.as_primitive_opt::<UInt32Type>().ok_or_else(|| PyTypeError::new_err("rows are uint32"))?;
        Ok(Self { frame: self.frame.take(rows.values()).map_err(raised)? })
    }

    /// Which rows of a column hold nothing.
    fn missing<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let column = self.frame.column(name).map_err(raised)?;
        let is_null: Vec<bool> = (0..column.len()).map(|row| column.is_null(row)).collect();
        lent::array(py, &is_null, "?", &[is_null.len()])
    }

    /// The same columns under other names.
    fn renamed(&self, names: Vec<String>) -> PyResult<Self> {
        let fields: Vec<Field> =
            self.frame.fields().iter().zip(names).map(|(f, name)| Field { name, ..f.clone() }).collect();
        Ok(Self { frame: self.frame.with_fields(fields).map_err(raised)? })
    }

    /// The table with all its columns as categories; numbers are spelt as text.
    fn as_categories(&self) -> PyResult<Self> {
        let fields: Vec<Field> =
            self.frame.fields().iter().map(|f| Field { kind: Kind::Category, ..f.clone() }).collect();
        let columns = self.frame.columns().iter().map(spelt).collect::<Result<Vec<_>, _>>().map_err(raised)?;
        Ok(Self { frame: Frame::new(fields, columns, self.frame.rows()).map_err(raised)? })
    }

    /// What the columns hold, by name: an array for numbers and vectors, an array of codes and the levels'
    /// names for levels, a list of text for the rest. Only the named ones, if names are given.
    #[pyo3(signature = (names=None))]
    fn values<'py>(&self, py: Python<'py>, names: Option<Vec<String>>) -> PyResult<Bound<'py, PyDict>> {
        let told = PyDict::new(py);
        for (i, field) in self.frame.fields().iter().enumerate() {
            if names.as_ref().is_none_or(|names| names.contains(&field.name)) {
                told.set_item(&field.name, self.value(py, i)?)?;
            }
        }
        Ok(told)
    }

    /// All columns of numbers, vectors and levels side by side, as one array of rows.
    fn whole<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let blocks = (0..self.frame.fields().len()).map(|i| self.block(i)).collect::<PyResult<Vec<_>>>()?;
        let (rows, width) = (self.frame.rows(), blocks.iter().map(|block| block.1).sum());
        lent::rows_of(py, &blocks, rows, width)
    }

    /// The names of the numbers in a vector, or of the levels, where they are known.
    fn parts(&self, name: &str) -> Option<Vec<String>> {
        match &self.frame.fields()[self.frame.position(name)?].kind {
            Kind::Vector { names: Some(names), .. } | Kind::Level { levels: Some(names) } => Some(names.to_vec()),
            _ => None,
        }
    }
}

impl Table {
    fn of(names: Vec<String>, columns: Vec<ArrayRef>, rows: Option<usize>) -> PyResult<Self> {
        let rows = rows.or(columns.first().map(|c| c.len())).unwrap_or(0);
        let fields: Vec<Field> = names.iter().zip(&columns).map(|(name, c)| input(name, c)).collect();
        if fields.len() != columns.len() {
            return Err(raised(Error::data(format!("{} names and {} columns", names.len(), columns.len()))));
        }
        Ok(Self { frame: Frame::new(fields, columns, rows).map_err(raised)? })
    }

    /// The numbers of a column, row by row, and how many a row has.
    fn block(&self, i: usize) -> PyResult<(Cow<'_, [f64]>, usize)> {
        let (field, column, rows) = (&self.frame.fields()[i], &self.frame.columns()[i], self.frame.rows());
        match &field.kind {
            Kind::Vector { .. } => {
                let list = column.as_fixed_size_list_opt();
                let list =
                    list.ok_or_else(|| raised(Error::column(&field.name, "a vector is a list of fixed size")))?;
                let width = list.value_length() as usize;
                let flat = list.values().slice(list.value_offset(0) as usize, rows * width);
                let flat = cast(&flat, &DataType::Float64).map_err(|e| raised(e.into()))?;
                Ok((Cow::Owned(flat.as_primitive::<Float64Type>().values().to_vec()), width))
            }
            Kind::Level { .. } => {
                let codes = column.as_primitive_opt::<UInt32Type>();
                let codes = codes.ok_or_else(|| raised(Error::column(&field.name, "levels are codes")))?;
                Ok((codes.iter().map(|code| code.map_or(f64::NAN, f64::from)).collect(), 1))
            }
            _ => Ok((self.frame.numbers(i).map_err(raised)?, 1)),
        }
    }

    fn value<'py>(&self, py: Python<'py>, i: usize) -> PyResult<Bound<'py, PyAny>> {
        match &self.frame.fields()[i].kind {
            Kind::Number | Kind::Vector { .. } | Kind::Level { .. } => {
                let (numbers, width) = self.block(i)?;
                let is_vector = matches!(self.frame.fields()[i].kind, Kind::Vector { .. });
                let shape = [self.frame.rows(), width];
                lent::array(py, &numbers, "f8", if is_vector { &shape } else { &shape[..1] })
            }
            _ => {
                let texts = self.frame.texts(i).map_err(raised)?;
                Ok(PyList::new(py, texts.iter())?.into_any())
            }
        }
    }
}

/// An input column of the kind that its type tells. Text is a category, and true or false is a number: Python
/// users make text of what is long by themselves.
fn input(name: &str, column: &ArrayRef) -> Field {
    let kind = match column.data_type() {
        DataType::Utf8 | DataType::Dictionary(..) => Kind::Category,
        t if t.is_temporal() => Kind::Time,
        _ => Kind::Number,
    };
    Field::input(name, kind)
}

/// A column from Python: an array, a list of text, or a pair of codes and categories.
pub fn column(value: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
    if let Ok(list) = value.cast::<PyList>() {
        let texts = list.iter().map(|text| match text {
            none if none.is_none() => Ok(None),
            text => Ok(Some(text.cast::<PyString>()?.to_cow()?.into_owned())),
        });
        return Ok(Arc::new(texts.collect::<PyResult<StringArray>>()?));
    }
    if let Ok((codes, categories)) = value.extract::<(Bound<'_, PyAny>, Vec<String>)>() {
        let codes = only(lent::columns(&codes)?)?;
        let codes = codes.as_primitive_opt::<Int32Type>().ok_or_else(|| PyTypeError::new_err("codes are int32"))?;
        let keys = codes.iter().map(|code| code.filter(|c| *c >= 0)).collect();
        let array = DictionaryArray::<Int32Type>::try_new(keys, Arc::new(StringArray::from(categories)));
        return Ok(Arc::new(array.map_err(|e| raised(e.into()))?));
    }
    only(lent::columns(value)?)
}

fn only(mut columns: Vec<ArrayRef>) -> PyResult<ArrayRef> {
    match (columns.pop(), columns.is_empty()) {
        (Some(column), true) => Ok(column),
        _ => Err(PyTypeError::new_err("a column is an array of one dimension")),
    }
}

/// A column's values as text; whole numbers among floats without their point, as scikit-learn's users see them.
fn spelt(column: &ArrayRef) -> Result<ArrayRef, Error> {
    Ok(match column.data_type() {
        DataType::Float32 | DataType::Float64 => {
            let wide = cast(column, &DataType::Float64)?;
            let spell = |v: f64| if v == v.trunc() && v.abs() < 1e15 { format!("{v:.0}") } else { v.to_string() };
            let texts = wide.as_primitive::<Float64Type>().iter().map(|v| v.filter(|v| !v.is_nan()).map(spell));
            Arc::new(texts.collect::<StringArray>())
        }
        DataType::Utf8 | DataType::Dictionary(..) => column.clone(),
        _ => cast(column, &DataType::Utf8)?,
    })
}
