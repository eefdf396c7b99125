//! A folder with files to read, and the table that reading them gave, its columns as plain Rust values.

use arkwright_core::{Error, Field, Frame, Kind, Role};
use arkwright_data::{Bad, Engine, Raw, Request};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use std::path::{Path, PathBuf};

/// A folder that is gone when the test ends.
pub struct Place(tempfile::TempDir);

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with one file in it.
    pub fn with(name: &str, content: impl AsRef<[u8]>) -> Self {
        let place = Self::new();
        place.file(name, content);
        place
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, and the folders that it lies in.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub fn request<'a>(&'a self, location: &'a str) -> Request<'a> {
        Request::new(self.path(), location)
    }

    pub fn read(&self, location: &str) -> Table {
        Table::of(engine(1).read(&self.request(location)).unwrap())
    }

    /// What reading says when it refuses, with its hint.
    pub fn refused(&self, location: &str) -> String {
        words(&engine(1).read(&self.request(location)).unwrap_err())
    }
}

pub fn engine(threads: usize) -> Engine {
    Engine::new(None, threads).unwrap()
}

/// What an error says, and what it says to do.
pub fn words(error: &Error) -> String {
    format!("{error} ({})", error.hint().unwrap_or_default())
}

/// The table of a CSV file.
pub fn csv(text: impl AsRef<[u8]>) -> Table {
    Place::with("t.csv", text).read("t.csv")
}

/// Why a CSV file is refused.
pub fn refused(text: impl AsRef<[u8]>) -> String {
    Place::with("t.csv", text).refused("t.csv")
}

/// What was read.
#[derive(Clone, Debug)]
pub struct Table {
    pub batch: RecordBatch,
    pub bad: Bad,
}

impl Table {
    pub fn of(raw: Raw) -> Self {
        let bad = raw.bad.clone();
        Self { batch: raw.into_batch().unwrap(), bad }
    }

    pub fn frame(&self) -> Frame {
        Frame::from_batch(&self.batch).unwrap()
    }

    pub fn rows(&self) -> usize {
        self.batch.num_rows()
    }

    pub fn names(&self) -> Vec<&str> {
        self.batch.schema_ref().fields().iter().map(|f| f.name().as_str()).collect()
    }

    pub fn column(&self, name: &str) -> &ArrayRef {
        self.batch.column_by_name(name).unwrap()
    }

    pub fn data_type(&self, name: &str) -> &DataType {
        self.column(name).data_type()
    }

    pub fn texts(&self, name: &str) -> Vec<Option<&str>> {
        self.column(name).as_string::<i32>().iter().collect()
    }

    pub fn whole(&self, name: &str) -> Vec<Option<i64>> {
        self.column(name).as_primitive::<Int64Type>().iter().collect()
    }

    pub fn numbers(&self, name: &str) -> Vec<Option<f64>> {
        self.column(name).as_primitive::<Float64Type>().iter().collect()
    }

    pub fn booleans(&self, name: &str) -> Vec<Option<bool>> {
        self.column(name).as_boolean().iter().collect()
    }

    /// Days since 1970-01-01.
    pub fn days(&self, name: &str) -> Vec<Option<i32>> {
        self.column(name).as_primitive::<Date32Type>().iter().collect()
    }

    /// Microseconds since 1970-01-01.
    pub fn micros(&self, name: &str) -> Vec<Option<i64>> {
        self.column(name).as_primitive::<TimestampMicrosecondType>().iter().collect()
    }
}

/// A frame of columns whose parts are told.
pub fn frame(columns: Vec<(&str, Kind, Role, ArrayRef)>) -> Frame {
    let rows = columns[0].3.len();
    let (fields, columns): (Vec<Field>, Vec<ArrayRef>) =
        columns.into_iter().map(|(name, kind, role, column)| (Field::new(name, kind, role), column)).unzip();
    Frame::new(fields, columns, rows).unwrap()
}

/// A number in [0, 1) by rule, without any order in it.
pub fn noise(row: usize, salt: u64) -> f64 {
    let mut x = (row as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt.wrapping_mul(0xd1b5_4a32_d192_ed03);
    for shift in [30, 27, 31] {
        x = (x ^ (x >> shift)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    (x >> 11) as f64 / (1_u64 << 53) as f64
}
