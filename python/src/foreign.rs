//! Tables through Arrow's C data interface (`__arrow_c_stream__`): Polars, PyArrow, pandas, DuckDB and others
//! hand their buffers over, and nothing is copied.
//!
//! The interface is three C structs (<https://arrow.apache.org/docs/format/CDataInterface.html>). A struct is
//! released once, by whoever holds it; columns borrow their buffers from the batch that they came in, which
//! every one of them keeps alive.

use arkwright_core::{Error, Result};
use arrow::array::{ArrayData, ArrayRef, make_array, new_empty_array};
use arrow::buffer::Buffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::panic::AssertUnwindSafe;
use std::ptr::{NonNull, null_mut};
use std::sync::Arc;

/// The name of the capsule that holds a [`Stream`].
pub const CAPSULE: &CStr = c"arrow_array_stream";

#[repr(C)]
struct Schema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *mut *mut Schema,
    dictionary: *mut Schema,
    release: Option<unsafe extern "C" fn(*mut Schema)>,
    private_data: *mut c_void,
}

#[repr(C)]
struct Array {
    length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *mut *const c_void,
    children: *mut *mut Array,
    dictionary: *mut Array,
    release: Option<unsafe extern "C" fn(*mut Array)>,
    private_data: *mut c_void,
}

/// A stream of batches, as C sees it.
#[repr(C)]
pub struct Stream {
    get_schema: Option<unsafe extern "C" fn(*mut Stream, *mut Schema) -> c_int>,
    get_next: Option<unsafe extern "C" fn(*mut Stream, *mut Array) -> c_int>,
    get_last_error: Option<unsafe extern "C" fn(*mut Stream) -> *const c_char>,
    release: Option<unsafe extern "C" fn(*mut Stream)>,
    private_data: *mut c_void,
}

/// Releases what it holds when it goes. A batch is held by all its columns, on any thread.
struct Held<T: Release>(T);

trait Release {
    /// Calls the struct's own release, if it was not yet.
    fn release(&mut self);
}

macro_rules! releases {
    ($($type:ty),*) => {$(
        impl Release for $type {
            fn release(&mut self) {
                if let Some(release) = self.release {
                    // SAFETY: the struct was filled by its producer and was not released before; the producer
                    // marks it as released.
                    unsafe { release(self) }
                }
            }
        }
    )*};
}
releases!(Schema, Array, Stream);

impl<T: Release> Drop for Held<T> {
    fn drop(&mut self) {
        self.0.release();
    }
}

// SAFETY: the interface asks that buffers can be read, and structs released, from any thread.
unsafe impl<T: Release> Send for Held<T> {}
// SAFETY: as above; nothing is written after a struct was filled.
unsafe impl<T: Release> Sync for Held<T> {}

/// The columns of a stream of batches: names, and for each batch its columns.
///
/// # Safety
/// `stream` points to a stream that nobody else reads: the content of a capsule of the name [`CAPSULE`].
///
/// # Errors
/// When the producer fails, or a column is of a type that is not known here.
pub unsafe fn read(stream: *mut Stream) -> Result<(Vec<String>, Vec<Vec<ArrayRef>>)> {
    // SAFETY: the caller's promise. The stream is moved out, and marked as released where it was.
    let mut stream = unsafe {
        let moved = stream.read();
        (*stream).release = None;
        Held(moved)
    };
    if stream.0.release.is_none() {
        return Err(Error::data("the stream of batches was read before").with_hint("ask the table for a new one"));
    }
    let mut schema = Held(Schema::empty());
    let asked = stream.0.get_schema.ok_or_else(|| broken("it has no schema"))?;
    // SAFETY: both structs live until after the call.
    check(unsafe { asked(&mut stream.0, &mut schema.0) }, &mut stream)?;
    // SAFETY: the producer filled the schema, which lives as long as `schema`.
    let (names, types) = unsafe { schema.0.columns()? };
    let next = stream.0.get_next.ok_or_else(|| broken("it has no batches"))?;
    let mut batches = Vec::new();
    loop {
        let mut batch = Held(Array::empty());
        // SAFETY: both structs live until after the call.
        check(unsafe { next(&mut stream.0, &mut batch.0) }, &mut stream)?;
        if batch.0.release.is_none() {
            return Ok((names, batches));
        }
        let batch = Arc::new(AssertUnwindSafe(batch));
        if batch.0.0.n_children as usize != types.len() || batch.0.0.offset != 0 {
            return Err(broken("a batch does not have the columns of its schema"));
        }
        let columns = types.iter().zip(&names).enumerate().map(|(j, (data_type, name))| {
            // SAFETY: the batch has as many children as its schema, of the types told there.
            let data = unsafe { (**batch.0.0.children.add(j)).data(data_type, &batch) };
            let array = data.map_err(|e| Error::column(name, e.to_string()))?;
            plain(make_array(array)).map_err(|e| Error::column(name, e.to_string()))
        });
        batches.push(columns.collect::<Result<Vec<_>>>()?);
    }
}

fn broken(what: &str) -> Error {
    Error::data(format!("the table's Arrow stream is broken: {what}"))
}

fn check(code: c_int, stream: &mut Held<Stream>) -> Result<()> {
    if code == 0 {
        return Ok(());
    }
    let told = stream.0.get_last_error.and_then(|told| {
        // SAFETY: asked right after a call that failed; the text lives until the next call.
        unsafe { text(told(&mut stream.0)) }
    });
    Err(Error::data(format!("the table's Arrow stream failed: {}", told.unwrap_or_else(|| format!("error {code}")))))
}

/// # Safety
/// `start` is null or points to a text that ends in zero.
unsafe fn text(start: *const c_char) -> Option<String> {
    // SAFETY: the caller's promise.
    (!start.is_null()).then(|| unsafe { CStr::from_ptr(start) }.to_string_lossy().into_owned())
}

impl Schema {
    const fn empty() -> Self {
        Self {
            format: std::ptr::null(),
            name: std::ptr::null(),
            metadata: std::ptr::null(),
            flags: 0,
            n_children: 0,
            children: null_mut(),
            dictionary: null_mut(),
            release: None,
            private_data: null_mut(),
        }
    }

    /// # Safety
    /// The schema was filled by its producer.
    unsafe fn columns(&self) -> Result<(Vec<String>, Vec<DataType>)> {
        // SAFETY: the caller's promise: there are `n_children` children, each a filled schema.
        let children = (0..self.n_children.max(0) as usize).map(|j| unsafe {
            let child = &**self.children.add(j);
            let name = text(child.name).unwrap_or_default();
            let data_type = child.data_type().map_err(|what| unreadable(&name, &what))?;
            Ok((name, data_type))
        });
        // SAFETY: as above.
        match unsafe { text(self.format) }.as_deref() {
            Some("+s") => Ok(children.collect::<Result<Vec<_>>>()?.into_iter().unzip()),
            _ => Err(broken("it is a single column, and no table")),
        }
    }

    /// # Safety
    /// The schema was filled by its producer.
    unsafe fn data_type(&self) -> Result<DataType, String> {
        // SAFETY: the caller's promise.
        let format = unsafe { text(self.format) }.unwrap_or_default();
        let data_type = named(&format).ok_or(format)?;
        if self.dictionary.is_null() {
            return Ok(data_type);
        }
        // SAFETY: a dictionary that is there is a filled schema.
        let values = unsafe { (*self.dictionary).data_type()? };
        Ok(DataType::Dictionary(Box::new(data_type), Box::new(values)))
    }
}

fn unreadable(name: &str, format: &str) -> Error {
    let what = match format.as_bytes().first() {
        Some(b'd') => "decimals",
        Some(b'+') => "lists or structs",
        Some(b'z' | b'Z') => "bytes",
        _ => "values of an Arrow type that is not known here",
    };
    Error::column(name, format!("{what} cannot be read (Arrow format `{format}`)"))
        .with_hint("cast it to numbers or text, or leave it out")
}

/// A type by the name that the interface gives it.
fn named(format: &str) -> Option<DataType> {
    let unit = |name: &str| match name {
        "s" => Some(TimeUnit::Second),
        "m" => Some(TimeUnit::Millisecond),
        "u" => Some(TimeUnit::Microsecond),
        "n" => Some(TimeUnit::Nanosecond),
        _ => None,
    };
    Some(match format {
        "n" => DataType::Null,
        "b" => DataType::Boolean,
        "c" => DataType::Int8,
        "C" => DataType::UInt8,
        "s" => DataType::Int16,
        "S" => DataType::UInt16,
        "i" => DataType::Int32,
        "I" => DataType::UInt32,
        "l" => DataType::Int64,
        "L" => DataType::UInt64,
        "e" => DataType::Float16,
        "f" => DataType::Float32,
        "g" => DataType::Float64,
        "u" => DataType::Utf8,
        "U" => DataType::LargeUtf8,
        "vu" => DataType::Utf8View,
        "tdD" => DataType::Date32,
        "tdm" => DataType::Date64,
        _ => {
            let (unit_name, zone) = format.strip_prefix("ts")?.split_once(':')?;
            DataType::Timestamp(unit(unit_name)?, (!zone.is_empty()).then(|| zone.into()))
        }
    })
}

/// Text as the rooms read it fastest, whatever form it came in.
fn plain(array: ArrayRef) -> Result<ArrayRef> {
    let wanted = match array.data_type() {
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::Dictionary(keys, values) if matches!(**values, DataType::LargeUtf8 | DataType::Utf8View) => {
            DataType::Dictionary(keys.clone(), Box::new(DataType::Utf8))
        }
        _ => return Ok(array),
    };
    Ok(cast(&array, &wanted)?)
}

type Batch = Arc<AssertUnwindSafe<Held<Array>>>;

impl Array {
    const fn empty() -> Self {
        Self {
            length: 0,
            null_count: 0,
            offset: 0,
            n_buffers: 0,
            n_children: 0,
            buffers: null_mut(),
            children: null_mut(),
            dictionary: null_mut(),
            release: None,
            private_data: null_mut(),
        }
    }

    /// The column's data, borrowed from its batch and checked by Arrow.
    ///
    /// # Safety
    /// The array is part of `batch`, filled by its producer, of the type given.
    unsafe fn data(&self, data_type: &DataType, batch: &Batch) -> Result<ArrayData> {
        let (length, offset) = (self.length.max(0) as usize, self.offset.max(0) as usize);
        if length == 0 {
            return Ok(new_empty_array(data_type).to_data());
        }
        let end = offset + length;
        // SAFETY: the caller's promise; each buffer is asked for as many bytes as the layout of its type has.
        let buffer = |i: usize, bytes: usize| unsafe { self.buffer(i, bytes, batch) };
        let mut builder = ArrayData::builder(data_type.clone()).len(length).offset(offset).align_buffers(true);
        if *data_type == DataType::Null {
            return Ok(builder.build()?);
        }
        builder = match self.null_count {
            0 => builder,
            _ => builder.null_bit_buffer(buffer(0, end.div_ceil(8)).filter(|b| !b.is_empty())),
        };
        let missing = || broken("a buffer is missing");
        builder = match data_type {
            DataType::Boolean => builder.add_buffer(buffer(1, end.div_ceil(8)).ok_or_else(missing)?),
            DataType::Utf8 => {
                let offsets = buffer(1, 4 * (end + 1)).ok_or_else(missing)?;
                let last = offsets.typed_data::<i32>()[end].max(0) as usize;
                builder.add_buffer(offsets).add_buffer(buffer(2, last).unwrap_or_default())
            }
            DataType::LargeUtf8 => {
                let offsets = buffer(1, 8 * (end + 1)).ok_or_else(missing)?;
                let last = offsets.typed_data::<i64>()[end].max(0) as usize;
                builder.add_buffer(offsets).add_buffer(buffer(2, last).unwrap_or_default())
            }
            DataType::Utf8View => {
                let texts = (self.n_buffers.max(3) - 3) as usize;
                let lengths = buffer(2 + texts, 8 * texts).unwrap_or_default();
                let mut builder = builder.add_buffer(buffer(1, 16 * end).ok_or_else(missing)?);
                for (i, bytes) in lengths.typed_data::<i64>().iter().enumerate() {
                    builder = builder.add_buffer(buffer(2 + i, (*bytes).max(0) as usize).unwrap_or_default());
                }
                builder
            }
            DataType::Dictionary(keys, values) => {
                let width = keys.primitive_width().ok_or_else(|| broken("a dictionary's keys are no numbers"))?;
                if self.dictionary.is_null() {
                    return Err(broken("a dictionary is missing"));
                }
                // SAFETY: a dictionary that is there is a filled array of its batch, of the type told.
                let values = unsafe { (*self.dictionary).data(values, batch)? };
                builder.add_buffer(buffer(1, width * end).ok_or_else(missing)?).add_child_data(values)
            }
            other => {
                let width = other.primitive_width().ok_or_else(|| broken("a column has no width"))?;
                builder.add_buffer(buffer(1, width * end).ok_or_else(missing)?)
            }
        };
        Ok(builder.build()?)
    }

    /// Buffer number `i`, of which `bytes` are needed; `None` where there is none.
    ///
    /// # Safety
    /// The array is part of `batch`, and the buffer has so many bytes where it is there.
    unsafe fn buffer(&self, i: usize, bytes: usize, batch: &Batch) -> Option<Buffer> {
        if i >= self.n_buffers.max(0) as usize {
            return None;
        }
        // SAFETY: there are `n_buffers` pointers.
        let start = NonNull::new(unsafe { *self.buffers.add(i) }.cast::<u8>().cast_mut())?;
        if bytes > 0 && !(start.as_ptr() as usize).is_multiple_of(8) {
            // SAFETY: the caller's promise. A copy is aligned for whatever is read from it.
            return Some(Buffer::from(unsafe { std::slice::from_raw_parts(start.as_ptr(), bytes) }));
        }
        // SAFETY: the caller's promise; the batch is kept alive by the buffer.
        Some(unsafe { Buffer::from_custom_allocation(start, bytes, batch.clone()) })
    }
}
