//! Arrow IPC, a file or a stream. What one says of its own lengths is believed only as far as its bytes go, so
//! that a damaged one asks for no memory that is not there.

use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::ipc::reader::{FileReader, StreamDecoder, read_footer_length};
use arrow::ipc::{Block, root_as_footer};
use std::io::{Read, Seek, SeekFrom};

/// The schema and the batches of a file or a stream.
pub(crate) fn read(mut reader: impl Read + Seek) -> Result<(SchemaRef, Vec<RecordBatch>), ArrowError> {
    let mut magic = [0; 6];
    if reader.read_exact(&mut magic).is_ok() && &magic == b"ARROW1" {
        blocks_fit(&mut reader)?;
        let reader = FileReader::try_new(reader, None)?;
        return Ok((reader.schema(), reader.collect::<Result<_, _>>()?));
    }
    let mut bytes = Vec::new();
    reader.rewind()?;
    reader.read_to_end(&mut bytes)?;
    let (mut rest, mut decoder, mut batches) = (Buffer::from_vec(bytes), StreamDecoder::new(), Vec::new());
    while !rest.is_empty() {
        batches.extend(decoder.decode(&mut rest)?);
    }
    decoder.finish()?;
    let schema = decoder.schema().ok_or_else(|| ArrowError::IpcError("there is no schema".into()))?;
    Ok((schema, batches))
}

/// Refuses a file whose footer tells of blocks beyond its end.
fn blocks_fit(reader: &mut (impl Read + Seek)) -> Result<(), ArrowError> {
    let beyond = || ArrowError::IpcError("it tells of more bytes than it has".into());
    let mut trailer = [0; 10];
    let end = reader.seek(SeekFrom::End(-10))?;
    reader.read_exact(&mut trailer)?;
    let length = read_footer_length(trailer)?;
    let start = end.checked_sub(length as u64).ok_or_else(beyond)?;
    let mut footer = vec![0; length];
    reader.seek(SeekFrom::Start(start))?;
    reader.read_exact(&mut footer)?;
    let footer = root_as_footer(&footer).map_err(|e| ArrowError::ParseError(e.to_string()))?;
    let fits = |block: &Block| {
        let lengths = [block.offset(), block.metaDataLength().into(), block.bodyLength()];
        let sum = lengths.iter().try_fold(0_u64, |sum, &n| sum.checked_add(u64::try_from(n).ok()?));
        sum.is_some_and(|sum| sum <= start)
    };
    let dictionaries = footer.dictionaries().iter().flatten().all(fits);
    let batches = footer.recordBatches().iter().flatten().all(fits);
    if dictionaries && batches { Ok(()) } else { Err(beyond()) }
}
