//! Protobuf on the wire: fields of a number and one of four types, one after the other.
//!
//! A field begins with `number << 3 | type` as a varint. A message, a text and packed numbers are bytes after
//! their length.

use arkwright_core::{Error, Result};

/// The types of fields.
const VARINT: u64 = 0;
const EIGHT: u64 = 1;
const BYTES: u64 = 2;
const FOUR: u64 = 5;

/// A message that is being written.
#[derive(Default)]
pub(super) struct Message(pub(super) Vec<u8>);

impl Message {
    fn varint(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.0.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.0.push(n as u8);
    }

    pub(super) fn int(mut self, field: u32, n: i64) -> Self {
        self.varint(u64::from(field) << 3 | VARINT);
        self.varint(n as u64);
        self
    }

    pub(super) fn bytes(mut self, field: u32, bytes: &[u8]) -> Self {
        self.varint(u64::from(field) << 3 | BYTES);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    pub(super) fn text(self, field: u32, text: &str) -> Self {
        self.bytes(field, text.as_bytes())
    }

    pub(super) fn message(self, field: u32, message: &Self) -> Self {
        self.bytes(field, &message.0)
    }

    pub(super) fn ints(self, field: u32, ints: &[i64]) -> Self {
        let mut packed = Self::default();
        ints.iter().for_each(|&n| packed.varint(n as u64));
        self.message(field, &packed)
    }

    pub(super) fn floats(self, field: u32, floats: &[f32]) -> Self {
        let packed: Vec<u8> = floats.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.bytes(field, &packed)
    }
}

/// A field of a message that is read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field<'a> {
    Int(i64),
    Four([u8; 4]),
    Eight,
    Bytes(&'a [u8]),
}

/// The fields of a message, in order, each with its number.
pub(super) fn fields(mut bytes: &[u8]) -> Result<Vec<(u32, Field<'_>)>> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let number = u32::try_from(key >> 3).map_err(|_| cut())?;
        let field = match key & 7 {
            VARINT => Field::Int(varint(&mut bytes)? as i64),
            FOUR => Field::Four(take(&mut bytes, 4)?.try_into().map_err(|_| cut())?),
            EIGHT => take(&mut bytes, 8).map(|_| Field::Eight)?,
            BYTES => {
                let length = usize::try_from(varint(&mut bytes)?).map_err(|_| cut())?;
                Field::Bytes(take(&mut bytes, length)?)
            }
            other => return Err(Error::data(format!("a field of the type {other}, which protobuf does not have"))),
        };
        all.push((number, field));
    }
    Ok(all)
}

/// Numbers of a field, packed or each on its own.
pub(super) fn ints(field: Field<'_>, into: &mut Vec<i64>) -> Result<()> {
    match field {
        Field::Int(n) => into.push(n),
        Field::Bytes(mut bytes) => {
            while !bytes.is_empty() {
                into.push(varint(&mut bytes)? as i64);
            }
        }
        _ => return Err(cut()),
    }
    Ok(())
}

/// As [`ints`], of floats.
pub(super) fn floats(field: Field<'_>, into: &mut Vec<f32>) -> Result<()> {
    match field {
        Field::Four(bytes) => into.push(f32::from_le_bytes(bytes)),
        Field::Bytes(bytes) if bytes.len().is_multiple_of(4) => {
            into.extend(bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)));
        }
        _ => return Err(cut()),
    }
    Ok(())
}

fn cut() -> Error {
    Error::data("the file is no protobuf, or cut short")
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Result<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count).ok_or_else(cut)?;
    *bytes = rest;
    Ok(taken)
}

fn varint(bytes: &mut &[u8]) -> Result<u64> {
    let mut n = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)?[0];
        n |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(n);
        }
    }
    Err(cut())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_reads_back(n: i64, ns: Vec<i64>, xs: Vec<f32>, text: String) {
            let bytes = Message::default().int(1, n).ints(2, &ns).floats(300, &xs).text(4, &text).0;
            let read = fields(&bytes).unwrap();
            prop_assert!(matches!(read[0], (1, Field::Int(m)) if m == n));
            let (mut ints_read, mut floats_read) = (Vec::new(), Vec::new());
            ints(read[1].1, &mut ints_read).unwrap();
            floats(read[2].1, &mut floats_read).unwrap();
            prop_assert_eq!(ints_read, ns);
            prop_assert_eq!(read[2].0, 300);
            prop_assert!(floats_read.iter().zip(&xs).all(|(a, b)| a.to_bits() == b.to_bits()));
            prop_assert!(matches!(read[3].1, Field::Bytes(bytes) if bytes == text.as_bytes()));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = fields(&bytes);
        }
    }
}
