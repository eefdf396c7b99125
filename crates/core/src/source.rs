//! Sources: rows that can be read again, in a fixed order.

use crate::{Context, Error, Field, Frame, Hash, Hasher, Model, Parts, Result, Wiring};
use std::sync::{Arc, OnceLock};

/// Rows that can be read again in a fixed order: a table in memory, Parquet, a log up to an offset.
pub trait Source: Send + Sync {
    /// The columns.
    fn fields(&self) -> &Arc<[Field]>;

    /// The number of rows, where it is known without reading them.
    fn rows(&self) -> Option<u64>;

    /// The name of these rows: the data, the fold, the steps before. `None`: nothing fitted on it is kept.
    fn identity(&self) -> Option<Hash>;

    /// Reads all rows, at most `batch` at a time.
    ///
    /// # Errors
    /// When the rows cannot be read.
    fn scan(&self, batch: usize) -> Result<Box<dyn Iterator<Item = Result<Frame>> + Send + '_>>;

    /// All rows in memory, if they already are.
    fn in_memory(&self) -> Option<Frame> {
        None
    }
}

/// Rows read at a time where nobody says otherwise.
pub(crate) const BATCH: usize = 16_384;

/// All rows of a source as one frame, within the context's memory.
///
/// # Errors
/// When they do not fit, or cannot be read.
pub fn collect(source: &dyn Source, ctx: &Context) -> Result<Frame> {
    if let Some(frame) = source.in_memory() {
        return Ok(frame);
    }
    let mut frames = Vec::new();
    let mut bytes = 0;
    for frame in source.scan(BATCH)? {
        let frame = frame?;
        bytes += frame.columns().iter().map(|c| c.get_array_memory_size() as u64).sum::<u64>();
        // Twice: the pieces and the whole stand side by side for a moment.
        ctx.allow("reading all rows at once", 2 * bytes)?;
        frames.push(frame);
    }
    match frames.is_empty() {
        true => empty(source.fields()),
        false => Frame::concat(&frames),
    }
}

/// A frame of no rows, for a source that gave no frame to tell its columns' types.
fn empty(fields: &Arc<[Field]>) -> Result<Frame> {
    let columns = fields
        .iter()
        .map(|f| {
            let data_type = match f.kind {
                crate::Kind::Number => arrow::datatypes::DataType::Float64,
                crate::Kind::Level { .. } => arrow::datatypes::DataType::UInt32,
                crate::Kind::Time => {
                    arrow::datatypes::DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, None)
                }
                _ => arrow::datatypes::DataType::Utf8,
            };
            arrow::array::new_empty_array(&data_type)
        })
        .collect();
    Frame::new(fields.clone(), columns, 0)
}

/// A table in memory.
pub struct Table {
    frame: Frame,
    identity: Option<Hash>,
}

impl Table {
    /// A table whose rows have a name.
    pub fn new(frame: Frame, identity: Option<Hash>) -> Arc<Self> {
        Arc::new(Self { frame, identity })
    }

    /// A table named by its content, for programs and tests without a store.
    ///
    /// # Errors
    /// When a column cannot be written as Arrow IPC.
    pub fn hashed(frame: Frame) -> Result<Arc<Self>> {
        let bytes = to_ipc(&frame)?;
        Ok(Self::new(frame, Some(Hash::of(&bytes))))
    }

    /// The table, saved.
    ///
    /// # Errors
    /// When a column cannot be written as Arrow IPC.
    pub fn save(&self) -> Result<Parts> {
        let mut parts = Parts::new(TABLE);
        parts.put("ipc", to_ipc(&self.frame)?);
        parts.put_json(&self.identity)?;
        Ok(parts)
    }

    /// A saved table.
    ///
    /// # Errors
    /// When the parts are damaged.
    pub fn load(parts: &Parts) -> Result<Arc<Self>> {
        let bytes: &[u8] = parts.get("ipc")?;
        let reader = arrow::ipc::reader::StreamReader::try_new(bytes, None).map_err(|e| parts.damaged(e))?;
        let frames =
            reader.map(|batch| Frame::from_batch(&batch.map_err(|e| parts.damaged(e))?)).collect::<Result<Vec<_>>>()?;
        Ok(Self::new(Frame::concat(&frames)?, parts.get_json()?))
    }
}

/// The format of a saved table.
const TABLE: &str = "table";

fn to_ipc(frame: &Frame) -> Result<Vec<u8>> {
    let batch = frame.to_batch()?;
    let mut bytes = Vec::new();
    let mut writer = arrow::ipc::writer::StreamWriter::try_new(&mut bytes, batch.schema_ref())?;
    writer.write(&batch)?;
    writer.finish()?;
    drop(writer);
    Ok(bytes)
}

impl Source for Table {
    fn fields(&self) -> &Arc<[Field]> {
        self.frame.fields()
    }

    fn rows(&self) -> Option<u64> {
        Some(self.frame.rows() as u64)
    }

    fn identity(&self) -> Option<Hash> {
        self.identity
    }

    fn scan(&self, batch: usize) -> Result<Box<dyn Iterator<Item = Result<Frame>> + Send + '_>> {
        let batch = batch.max(1);
        Ok(Box::new((0..self.frame.rows()).step_by(batch).map(move |start| Ok(self.frame.slice(start, batch)))))
    }

    fn in_memory(&self) -> Option<Frame> {
        Some(self.frame.clone())
    }
}

/// Some rows of a source, by number: a fold, a part of a split, a resample. Taken when first asked for.
pub struct Subset {
    of: Arc<dyn Source>,
    rows: Arc<[u32]>,
    identity: Option<Hash>,
    taken: OnceLock<Frame>,
}

impl Subset {
    /// The rows at `rows`, in that order; one may come more than once.
    pub fn new(of: Arc<dyn Source>, rows: impl Into<Arc<[u32]>>) -> Arc<Self> {
        let rows = rows.into();
        let identity = of.identity().map(|whole| {
            let bytes: Vec<u8> = rows.iter().flat_map(|r| r.to_le_bytes()).collect();
            Hasher::new("subset").hash(&whole).bytes(&bytes).finish()
        });
        Arc::new(Self { of, rows, identity, taken: OnceLock::new() })
    }

    fn frame(&self) -> Result<&Frame> {
        if let Some(frame) = self.taken.get() {
            return Ok(frame);
        }
        let whole = match self.of.in_memory() {
            Some(frame) => frame,
            None => Frame::concat(&self.of.scan(BATCH)?.collect::<Result<Vec<_>>>()?)?,
        };
        // Two threads may both take the rows; they take the same ones.
        let taken = whole.take(&self.rows)?;
        Ok(self.taken.get_or_init(|| taken))
    }
}

impl Source for Subset {
    fn fields(&self) -> &Arc<[Field]> {
        self.of.fields()
    }

    fn rows(&self) -> Option<u64> {
        Some(self.rows.len() as u64)
    }

    fn identity(&self) -> Option<Hash> {
        self.identity
    }

    fn scan(&self, batch: usize) -> Result<Box<dyn Iterator<Item = Result<Frame>> + Send + '_>> {
        let (frame, batch) = (self.frame()?, batch.max(1));
        Ok(Box::new((0..frame.rows()).step_by(batch).map(move |start| Ok(frame.slice(start, batch)))))
    }

    fn in_memory(&self) -> Option<Frame> {
        self.frame().ok().cloned()
    }
}

/// A source seen through a fitted step: what the next step of a chain learns from.
pub struct Applied {
    of: Arc<dyn Source>,
    model: Arc<dyn Model>,
    wiring: Wiring,
    identity: Option<Hash>,
    ctx: Context,
    applied: OnceLock<Frame>,
}

impl Applied {
    /// `of` seen through `model`, whose fit is named `key`.
    ///
    /// # Errors
    /// When the source lacks a column that the model takes.
    pub fn new(of: Arc<dyn Source>, model: Arc<dyn Model>, key: Option<Hash>, ctx: &Context) -> Result<Arc<Self>> {
        let wiring = Wiring::new(model.signature(), of.fields())?;
        let identity = of.identity().zip(key).map(|(rows, fit)| Self::name(&rows, &fit));
        Ok(Arc::new(Self { of, model, wiring, identity, ctx: ctx.clone(), applied: OnceLock::new() }))
    }
}

impl Applied {
    /// The name of rows seen through a fit, which a plan knows before either is there.
    pub fn name(rows: &Hash, fit: &Hash) -> Hash {
        Hasher::new("applied").hash(rows).hash(fit).finish()
    }
}

impl Source for Applied {
    fn fields(&self) -> &Arc<[Field]> {
        self.wiring.fields()
    }

    fn rows(&self) -> Option<u64> {
        self.of.rows()
    }

    fn identity(&self) -> Option<Hash> {
        self.identity
    }

    fn scan(&self, batch: usize) -> Result<Box<dyn Iterator<Item = Result<Frame>> + Send + '_>> {
        let frames = self.of.scan(batch)?;
        Ok(Box::new(frames.map(move |frame| {
            let frame = frame?;
            if self.ctx.is_stopped() {
                return Err(Error::Stopped);
            }
            self.wiring.apply(self.model.as_ref(), &frame, &self.ctx)
        })))
    }

    fn in_memory(&self) -> Option<Frame> {
        if let Some(frame) = self.applied.get() {
            return Some(frame.clone());
        }
        // A step that fails here fails again, and is heard, when the rows are scanned.
        let frame = self.wiring.apply(self.model.as_ref(), &self.of.in_memory()?, &self.ctx).ok()?;
        Some(self.applied.get_or_init(|| frame).clone())
    }
}
