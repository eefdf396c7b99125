//! Arrow IPC, a file or a stream. What one says of its own lengths is believed only as far as its bytes go, and as
//! far as there is memory for what they unfold to, so that a damaged one asks for no memory that is not there.

use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::ipc::reader::{FileReader, StreamDecoder, read_footer_length};
use arrow::ipc::{Block, Message, root_as_footer, root_as_message};
use std::io::{Read, Seek, SeekFrom};

/// The schema and the batches of a file or a stream, which may unfold to `allowed` bytes.
pub(crate) fn read(
    mut reader: impl Read + Seek,
    allowed: Option<u64>,
) -> Result<(SchemaRef, Vec<RecordBatch>), ArrowError> {
    let mut magic = [0; 6];
    if reader.read_exact(&mut magic).is_ok() && &magic == b"ARROW1" {
        check_file(&mut reader, &mut Room::new(allowed))?;
        let reader = FileReader::try_new(reader, None)?;
        return Ok((reader.schema(), reader.collect::<Result<_, _>>()?));
    }
    let mut bytes = Vec::new();
    reader.rewind()?;
    reader.read_to_end(&mut bytes)?;
    check_stream(&bytes, &mut Room::new(allowed))?;
    let (mut rest, mut decoder, mut batches) = (Buffer::from_vec(bytes), StreamDecoder::new(), Vec::new());
    while !rest.is_empty() {
        batches.extend(decoder.decode(&mut rest)?);
    }
    decoder.finish()?;
    let schema = decoder.schema().ok_or_else(|| ArrowError::IpcError("there is no schema".into()))?;
    Ok((schema, batches))
}

fn beyond() -> ArrowError {
    ArrowError::IpcError("it tells of more bytes than it has".into())
}

/// Refuses a file whose footer tells of blocks beyond its end, or whose blocks unfold to more than there is room.
fn check_file(reader: &mut (impl Read + Seek), room: &mut Room) -> Result<(), ArrowError> {
    let mut trailer = [0; 10];
    let end = reader.seek(SeekFrom::End(-10))?;
    reader.read_exact(&mut trailer)?;
    let length = read_footer_length(trailer)?;
    let start = end.checked_sub(length as u64).ok_or_else(beyond)?;
    let mut footer = vec![0; length];
    reader.seek(SeekFrom::Start(start))?;
    reader.read_exact(&mut footer)?;
    let footer = root_as_footer(&footer).map_err(|e| ArrowError::ParseError(e.to_string()))?;
    let (dictionaries, batches) = (footer.dictionaries(), footer.recordBatches());
    for block in dictionaries.iter().flatten().chain(batches.iter().flatten()) {
        let ((at, body), end) = place(block).filter(|(_, end)| *end <= start).ok_or_else(beyond)?;
        let mut bytes = Vec::new();
        let mut told = |until: u64| {
            bytes.resize(usize::try_from(until - at).map_err(|_| beyond())?, 0);
            reader.seek(SeekFrom::Start(at))?;
            reader.read_exact(&mut bytes)?;
            Ok::<_, ArrowError>(message(&bytes).is_some())
        };
        // Where the message's own length is damaged, it may still be whole within the block, and is read so.
        if !told(body)? && !told(end)? {
            continue;
        }
        let Some(message) = message(&bytes) else { continue };
        room.take(&message, |offset| {
            let mut length = [0; 8];
            reader.seek(SeekFrom::Start(body.checked_add(offset)?)).ok()?;
            reader.read_exact(&mut length).ok()?;
            Some(length)
        })?;
    }
    Ok(())
}

/// The message that a block begins with, after four bytes of ones and four of a length; older files have the length
/// alone.
fn message(block: &[u8]) -> Option<Message<'_>> {
    let prefix = if block.starts_with(&[0xFF; 4]) { 8 } else { 4 };
    root_as_message(block.get(prefix..)?).ok()
}

/// Where a block's message and its body start, and where it ends.
fn place(block: &Block) -> Option<((u64, u64), u64)> {
    let [at, message, body] = [block.offset(), block.metaDataLength().into(), block.bodyLength()].map(u64::try_from);
    let (at, body_at) = (at.ok()?, at.ok()?.checked_add(message.ok()?)?);
    Some(((at, body_at), body_at.checked_add(body.ok()?)?))
}

/// Refuses a stream that unfolds to more than there is room. Where it does not fit together the decoder says so.
fn check_stream(bytes: &[u8], room: &mut Room) -> Result<(), ArrowError> {
    let four = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?));
    let mut at = 0;
    while let Some(mut length) = four(at) {
        at += 4;
        if length == u32::MAX {
            let Some(second) = four(at) else { break };
            (at, length) = (at + 4, second);
        }
        let Some(body) = at.checked_add(length as usize) else { break };
        let Some(Ok(message)) = bytes.get(at..body).map(root_as_message) else { break };
        room.take(&message, |offset| {
            let at = body.checked_add(usize::try_from(offset).ok()?)?;
            bytes.get(at..at.checked_add(8)?)?.try_into().ok()
        })?;
        let next = usize::try_from(message.bodyLength()).ok().and_then(|length| body.checked_add(length));
        let Some(next) = next else { break };
        at = next;
    }
    Ok(())
}

/// The memory that compressed buffers are to unfold into.
struct Room {
    allowed: Option<u64>,
    taken: u64,
}

impl Room {
    fn new(allowed: Option<u64>) -> Self {
        Self { allowed, taken: 0 }
    }

    /// Takes what a message's buffers unfold to. Each compressed one begins with eight bytes that say how much;
    /// `begins` reads the eight at a place in the message's body.
    fn take(
        &mut self,
        message: &Message<'_>,
        mut begins: impl FnMut(u64) -> Option<[u8; 8]>,
    ) -> Result<(), ArrowError> {
        let batch = message.header_as_record_batch();
        let batch = batch.or_else(|| message.header_as_dictionary_batch().and_then(|d| d.data()));
        let Some(batch) = batch.filter(|batch| batch.compression().is_some()) else { return Ok(()) };
        for buffer in batch.buffers().iter().flatten().filter(|buffer| buffer.length() > 0) {
            let offset = u64::try_from(buffer.offset()).map_err(|_| beyond())?;
            // Below 0: not compressed after all.
            let length = i64::from_le_bytes(begins(offset).ok_or_else(beyond)?).try_into().unwrap_or(0);
            self.taken = self.taken.saturating_add(length);
        }
        let fits = self.allowed.is_none_or(|allowed| self.taken <= allowed);
        let there = usize::try_from(self.taken).is_ok_and(|bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_ok());
        match fits && there {
            true => Ok(()),
            false => {
                Err(ArrowError::MemoryError(format!("it unfolds to {} bytes, and so many are not there", self.taken)))
            }
        }
    }
}
