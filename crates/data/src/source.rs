//! Parquet as a source: rows in the order of the file, read as they are asked for, so that what learns in
//! passes can learn from a file larger than the memory.

use crate::binary::{self, Parquet};
use crate::engine::content;
use crate::raw::{plain_batch, plain_schema};
use arkwright_core::{Error, Field, Frame, Hash, Hasher, Result, Source, nearest};
use arrow::datatypes::{Schema, SchemaRef};
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// The rows of a Parquet file, some of its columns.
pub struct ParquetSource {
    file: Parquet,
    fields: Arc<[Field]>,
    schema: SchemaRef,
    /// For each field, its column in the file.
    columns: Vec<usize>,
    identity: OnceLock<Option<Hash>>,
}

impl ParquetSource {
    /// Opens a file; its columns are `fields`, or all as they are kept in the file where none are given.
    ///
    /// # Errors
    /// When the file cannot be read, or lacks a column.
    pub fn open(path: &Path, fields: Option<Arc<[Field]>>) -> Result<Arc<Self>> {
        let file = Parquet::open(path)?;
        let own = file.metadata.schema().clone();
        let fields = match fields {
            Some(fields) => fields,
            None => Frame::from_batch(&arrow::array::RecordBatch::new_empty(plain_schema(&own)))?.fields().clone(),
        };
        let columns = fields
            .iter()
            .map(|field| {
                own.index_of(&field.name).map_err(|_| {
                    let error = Error::column(&field.name, format!("is not in {}", binary::name(path)));
                    match nearest(&field.name, own.fields().iter().map(|f| f.name().as_str())) {
                        Some(near) => error.with_hint(format!("there is a `{near}`")),
                        None => error,
                    }
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let plain = plain_schema(&own);
        let schema = Arc::new(Schema::new(columns.iter().map(|&i| plain.fields()[i].clone()).collect::<Vec<_>>()));
        Ok(Arc::new(Self { file, fields, schema, columns, identity: OnceLock::new() }))
    }
}

impl Source for ParquetSource {
    fn fields(&self) -> &Arc<[Field]> {
        &self.fields
    }

    fn rows(&self) -> Option<u64> {
        Some(self.file.rows())
    }

    /// The content of the file, and which of its columns.
    fn identity(&self) -> Option<Hash> {
        *self.identity.get_or_init(|| {
            let fields = serde_json::to_value(&self.fields[..]).ok()?;
            Some(Hasher::new("parquet").hash(&content(&self.file.path).ok()?).json(&fields).finish())
        })
    }

    fn scan(&self, batch: usize) -> Result<Box<dyn Iterator<Item = Result<Frame>> + Send + '_>> {
        // A projection reads columns in the file's order; they are put into the fields' order here.
        let mut sorted = self.columns.clone();
        sorted.sort_unstable();
        let goes: Vec<usize> = self.columns.iter().map(|c| sorted.binary_search(c).unwrap_or_default()).collect();
        let groups = (0..self.file.groups()).flat_map(move |group| {
            let goes = goes.clone();
            let batches: Box<dyn Iterator<Item = Result<Frame>> + Send> =
                match self.file.group(group, Some(&sorted), batch.max(1)) {
                    Ok(batches) => Box::new(batches.map(move |b| {
                        let plain = plain_batch(&b?, &self.schema, &goes)?;
                        Frame::new(self.fields.clone(), plain.columns().to_vec(), plain.num_rows())
                    })),
                    Err(error) => Box::new(std::iter::once(Err(error))),
                };
            batches
        });
        Ok(Box::new(groups))
    }
}
