//! Memory that Python lends: a NumPy array as Arrow columns, without copying where the layout allows.
//!
//! A column whose values stand one behind the other (any column of an array in Fortran's order, and any array
//! of one dimension) is borrowed, and the array is kept alive as long as the column. Other columns are copied.

use arrow::alloc::Allocation;
use arrow::array::{ArrayRef, PrimitiveArray};
use arrow::buffer::{Buffer, ScalarBuffer};
use arrow::datatypes::{ArrowPrimitiveType, Float32Type, Float64Type, Int32Type, Int64Type, UInt32Type};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyDict, PyTuple};
use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::ptr::NonNull;
use std::sync::Arc;

/// Rows that are copied of all columns before the next ones, so that a row's cache lines are read once.
const BLOCK: usize = 512;

/// A NumPy array of one or two dimensions.
struct Lent {
    start: *const u8,
    /// Rows and columns.
    shape: (usize, usize),
    /// Bytes from a row, and from a column, to the next.
    strides: (isize, isize),
    keeper: Arc<dyn Allocation>,
}

/// The columns of a NumPy array of one or two dimensions: `float64`, `float32`, `int64`, `int32` or `uint32` in
/// the machine's byte order.
pub fn columns(array: &Bound<'_, PyAny>) -> PyResult<Vec<ArrayRef>> {
    let py = array.py();
    if !array.is_instance(&py.import("numpy")?.getattr("ndarray")?)? {
        return Err(PyTypeError::new_err(format!("{} where a NumPy array is needed", array.get_type().name()?)));
    }
    let told = array.getattr("__array_interface__")?;
    let told = told.cast::<PyDict>()?;
    let get = |key: &str| {
        told.get_item(key)?.ok_or_else(|| PyValueError::new_err(format!("the array does not tell its `{key}`")))
    };
    let shape: Vec<usize> = get("shape")?.extract()?;
    let kind: String = get("typestr")?.extract()?;
    let (start, _): (usize, bool) = get("data")?.extract()?;
    let size: usize = kind.get(2..).and_then(|size| size.parse().ok()).unwrap_or(0);
    let strides: Vec<isize> = match get("strides")? {
        none if none.is_none() => {
            let width = shape.get(1).copied().unwrap_or(1);
            vec![(width * size) as isize, size as isize]
        }
        told => told.cast::<PyTuple>()?.extract()?,
    };
    let lent = Lent {
        start: start as *const u8,
        shape: (shape.first().copied().unwrap_or(0), shape.get(1).copied().unwrap_or(1)),
        strides: (strides.first().copied().unwrap_or(0), strides.get(1).copied().unwrap_or(0)),
        keeper: Arc::new(AssertUnwindSafe(array.clone().unbind())),
    };
    if !matches!(shape.len(), 1 | 2) {
        return Err(PyValueError::new_err(format!("an array of {} dimensions where 1 or 2 are needed", shape.len())));
    }
    let native = if cfg!(target_endian = "little") { '<' } else { '>' };
    match kind.strip_prefix(native) {
        Some("f8") => Ok(lent.read::<Float64Type>().into_iter().map(|c| Arc::new(c) as ArrayRef).collect()),
        Some("f4") => Ok(lent.read::<Float32Type>().into_iter().map(|c| Arc::new(c) as ArrayRef).collect()),
        Some("i8") => Ok(lent.read::<Int64Type>().into_iter().map(|c| Arc::new(c) as ArrayRef).collect()),
        Some("i4") => Ok(lent.read::<Int32Type>().into_iter().map(|c| Arc::new(c) as ArrayRef).collect()),
        Some("u4") => Ok(lent.read::<UInt32Type>().into_iter().map(|c| Arc::new(c) as ArrayRef).collect()),
        _ => Err(PyTypeError::new_err(format!("an array of `{kind}` cannot be read: make it float64"))),
    }
}

impl Lent {
    fn read<T: ArrowPrimitiveType>(&self) -> Vec<PrimitiveArray<T>> {
        let (rows, width) = self.shape;
        let size = size_of::<T::Native>();
        let whole = |address: usize| address.is_multiple_of(align_of::<T::Native>());
        let borrows = rows > 0
            && (self.strides.0 == size as isize || rows == 1)
            && whole(self.start as usize)
            && whole(self.strides.1.unsigned_abs());
        if borrows {
            return (0..width).map(|j| self.borrow(j)).collect();
        }
        let mut copied: Vec<Vec<T::Native>> = (0..width).map(|_| Vec::with_capacity(rows)).collect();
        for start in (0..rows).step_by(BLOCK) {
            for (j, column) in copied.iter_mut().enumerate() {
                let mut place = self.place(start, j);
                for _ in start..(start + BLOCK).min(rows) {
                    // SAFETY: NumPy tells where its values stand, `place` goes through the rows of its shape, and the
                    // array is kept alive by `self.keeper`. The value need not be aligned.
                    column.push(unsafe { place.cast::<T::Native>().read_unaligned() });
                    place = place.wrapping_offset(self.strides.0);
                }
            }
        }
        copied.into_iter().map(|column| PrimitiveArray::new(column.into(), None)).collect()
    }

    fn place(&self, row: usize, column: usize) -> *const u8 {
        self.start.wrapping_offset(row as isize * self.strides.0 + column as isize * self.strides.1)
    }

    fn borrow<T: ArrowPrimitiveType>(&self, column: usize) -> PrimitiveArray<T> {
        let (rows, size) = (self.shape.0, size_of::<T::Native>());
        let Some(start) = NonNull::new(self.place(0, column).cast_mut()) else {
            return PrimitiveArray::new(Vec::new().into(), None);
        };
        // SAFETY: the column's values stand one behind the other from `start` on, aligned; the array is kept
        // alive by the keeper. As with NumPy itself, nobody may write to it while it is worked on.
        let buffer = unsafe { Buffer::from_custom_allocation(start, rows * size, self.keeper.clone()) };
        PrimitiveArray::new(ScalarBuffer::new(buffer, 0, rows), None)
    }
}

/// A NumPy array of numbers, of the shape given.
pub fn array<'py, T: Copy>(py: Python<'py>, values: &[T], kind: &str, shape: &[usize]) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: numbers without padding are as many bytes as they are long, and any byte can be read.
    let bytes = unsafe { std::slice::from_raw_parts(values.as_ptr().cast::<u8>(), size_of_val(values)) };
    shaped(PyByteArray::new(py, bytes), kind, shape)
}

/// A NumPy array of rows from blocks of numbers, each row by row with so many numbers a row.
pub fn rows_of<'py>(
    py: Python<'py>,
    blocks: &[(Cow<'_, [f64]>, usize)],
    rows: usize,
    width: usize,
) -> PyResult<Bound<'py, PyAny>> {
    let size = size_of::<f64>();
    let fill = |bytes: &mut [u8]| {
        for start in (0..rows).step_by(BLOCK) {
            let mut before = 0;
            for (numbers, own) in blocks {
                for row in start..(start + BLOCK).min(rows) {
                    let to = &mut bytes[(row * width + before) * size..][..own * size];
                    let from = &numbers[row * own..][..*own];
                    to.chunks_exact_mut(size).zip(from).for_each(|(to, from)| to.copy_from_slice(&from.to_ne_bytes()));
                }
                before += own;
            }
        }
        Ok(())
    };
    shaped(PyByteArray::new_with(py, rows * width * size, fill)?, "f8", &[rows, width])
}

fn shaped<'py>(bytes: Bound<'py, PyByteArray>, kind: &str, shape: &[usize]) -> PyResult<Bound<'py, PyAny>> {
    let py = bytes.py();
    let flat = py.import("numpy")?.call_method1("frombuffer", (bytes, kind))?;
    flat.call_method1("reshape", (PyTuple::new(py, shape)?,))
}
