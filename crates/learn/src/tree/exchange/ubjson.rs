//! UBJSON (Universal Binary JSON, draft 12), as serde reads it.
//!
//! A value is a letter for its type and its bytes, numbers big end first. An array or object may tell its
//! count before its values, and an array the one type that they all have. No count makes room for more than
//! the bytes that are left can hold, and nothing may be nested deeper than [`DEEPEST`].

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use std::fmt;

/// How deep values may be nested.
const DEEPEST: usize = 64;

/// What is wrong, and at which byte.
#[derive(Debug)]
pub(super) struct Fault(String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

impl serde::de::Error for Fault {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self(what.to_string())
    }
}

/// Reads a value from bytes that hold it and nothing else.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    let mut reader = Reader { bytes, at: 0, depth: 0 };
    let told = |fault: Fault, at: usize| Fault(format!("byte {at}: {fault}"));
    let value = T::deserialize(Value { reader: &mut reader, mark: None }).map_err(|fault| told(fault, reader.at))?;
    match reader.at == bytes.len() {
        true => Ok(value),
        false => Err(told(Fault("the model ends here, and the file goes on".into()), reader.at)),
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let left = &self.bytes[self.at..];
        let taken = left.get(..count).ok_or_else(|| Fault::custom("the file is cut short"))?;
        self.at += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.take(N)?.try_into().map_err(Fault::custom)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The next mark; fillers are passed over.
    fn mark(&mut self) -> Result<u8, Fault> {
        loop {
            match self.array::<1>()? {
                [b'N'] => {}
                [mark] => return Ok(mark),
            }
        }
    }

    fn integer(&mut self, mark: u8) -> Result<i64, Fault> {
        Ok(match mark {
            b'i' => i8::from_be_bytes(self.array()?).into(),
            b'U' => u8::from_be_bytes(self.array()?).into(),
            b'I' => i16::from_be_bytes(self.array()?).into(),
            b'l' => i32::from_be_bytes(self.array()?).into(),
            b'L' => i64::from_be_bytes(self.array()?),
            other => {
                return Err(Fault(format!("`{}` where a whole number is due", char::from(other).escape_default())));
            }
        })
    }

    /// A count, which the bytes that are left must warrant.
    fn count(&mut self) -> Result<usize, Fault> {
        let mark = self.mark()?;
        let count = self.integer(mark)?;
        match usize::try_from(count) {
            Ok(count) if count <= self.bytes.len() - self.at => Ok(count),
            _ => Err(Fault(format!("a count of {count}, where {} bytes are left", self.bytes.len() - self.at))),
        }
    }

    fn text(&mut self) -> Result<&'a str, Fault> {
        let count = self.count()?;
        std::str::from_utf8(self.take(count)?).map_err(|_| Fault::custom("a text is not UTF-8"))
    }

    /// What is told before the values of an array or object: the type of all, and the count.
    fn head(&mut self) -> Result<(Option<u8>, Option<usize>), Fault> {
        if self.depth >= DEEPEST {
            return Err(Fault::custom("it is nested too deep"));
        }
        let mark = match self.peek() {
            Some(b'$') => {
                self.at += 1;
                Some(self.array::<1>()?[0])
            }
            _ => None,
        };
        let count = match self.peek() {
            Some(b'#') => {
                self.at += 1;
                Some(self.count()?)
            }
            _ => None,
        };
        match (mark, count) {
            (Some(_), None) => Err(Fault::custom("a type of all values without their count")),
            // Values without bytes could be told by the billion.
            (Some(b'Z' | b'T' | b'F' | b'N'), _) => Err(Fault::custom("an array of values without bytes")),
            head => Ok(head),
        }
    }
}

/// The next value; its mark may be known already.
struct Value<'r, 'a> {
    reader: &'r mut Reader<'a>,
    mark: Option<u8>,
}

impl<'de> Deserializer<'de> for Value<'_, 'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let reader = self.reader;
        let mark = match self.mark {
            Some(mark) => mark,
            None => reader.mark()?,
        };
        match mark {
            b'Z' => visitor.visit_unit(),
            b'T' => visitor.visit_bool(true),
            b'F' => visitor.visit_bool(false),
            b'd' => visitor.visit_f32(f32::from_be_bytes(reader.array()?)),
            b'D' => visitor.visit_f64(f64::from_be_bytes(reader.array()?)),
            b'C' => visitor.visit_char(char::from(reader.array::<1>()?[0])),
            b'S' | b'H' => visitor.visit_borrowed_str(reader.text()?),
            b'[' | b'{' => {
                let (each, left) = reader.head()?;
                reader.depth += 1;
                let end = if mark == b'[' { b']' } else { b'}' };
                let mut items = Items { reader, each, left, end };
                let value = match end {
                    b']' => visitor.visit_seq(&mut items)?,
                    _ => visitor.visit_map(&mut items)?,
                };
                if items.more() {
                    return Err(Fault::custom("there are more values than are due"));
                }
                reader.depth -= 1;
                Ok(value)
            }
            integer => visitor.visit_i64(reader.integer(integer)?),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let mark = match self.mark {
            Some(mark) => mark,
            None => self.reader.mark()?,
        };
        match mark {
            b'Z' => visitor.visit_none(),
            _ => visitor.visit_some(Value { reader: self.reader, mark: Some(mark) }),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq
        tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The values of an array or an object.
struct Items<'r, 'a> {
    reader: &'r mut Reader<'a>,
    /// The type that all have, where it is told.
    each: Option<u8>,
    /// How many are left, where it is told.
    left: Option<usize>,
    end: u8,
}

impl Items<'_, '_> {
    /// Whether another comes; steps over the end where there is one.
    fn more(&mut self) -> bool {
        if let Some(left) = self.left {
            return left > 0;
        }
        while self.reader.peek() == Some(b'N') {
            self.reader.at += 1;
        }
        if self.reader.peek() == Some(self.end) {
            self.reader.at += 1;
            // It is over, whoever asks again.
            self.left = Some(0);
            return false;
        }
        true
    }
}

impl<'de> SeqAccess<'de> for &mut Items<'_, 'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        if !self.more() {
            return Ok(None);
        }
        self.left = self.left.map(|left| left - 1);
        seed.deserialize(Value { mark: self.each, reader: self.reader }).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        self.left
    }
}

impl<'de> MapAccess<'de> for &mut Items<'_, 'de> {
    type Error = Fault;

    fn next_key_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        if !self.more() {
            return Ok(None);
        }
        self.left = self.left.map(|left| left - 1);
        seed.deserialize(BorrowedStrDeserializer::new(self.reader.text()?)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(Value { mark: self.each, reader: self.reader })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::{Value as Json, json};

    fn text(key: &str) -> Vec<u8> {
        [b"i".as_slice(), &[key.len() as u8], key.as_bytes()].concat()
    }

    #[test]
    fn every_type_is_read() {
        let bytes = [
            b"{".as_slice(),
            &text("a"),
            b"[$d#i\x02\x3f\x80\x00\x00\xbf\x00\x00\x00",
            &text("b"),
            b"[i\xffU\xffNI\x01\x00l\x00\x01\x00\x00L\x00\x00\x00\x01\x00\x00\x00\x00TFZ]",
            &text("c"),
            b"S",
            &text("x"),
            &text("d"),
            b"{#i\x01",
            &text("e"),
            b"D\x3f\xe0\x00\x00\x00\x00\x00\x00}",
        ]
        .concat();
        let expected = json!({
            "a": [1.0, -0.5], "b": [-1, 255, 256, 65536, 4_294_967_296_i64, true, false, null], "c": "x",
            "d": { "e": 0.5 },
        });
        assert_eq!(read::<Json>(&bytes).unwrap(), expected);
    }

    #[test]
    fn structs_are_read_and_what_they_do_not_name_is_passed_over() {
        #[derive(Deserialize, PartialEq, Debug)]
        struct Some {
            n: Option<u8>,
            x: Vec<f64>,
        }
        let bytes =
            [b"{".as_slice(), &text("q"), b"[[i\x01]]", &text("n"), b"Z", &text("x"), b"[$U#i\x02\x03\x04}"].concat();
        assert_eq!(read::<Some>(&bytes).unwrap(), Some { n: None, x: vec![3.0, 4.0] });
    }

    #[test]
    fn what_is_broken_says_where() {
        for (bytes, told) in [
            (b"[i\x01".as_slice(), "byte 3: the file is cut short"),
            (b"[$d#l\x7f\xff\xff\xff", "byte 9: a count of 2147483647, where 0 bytes are left"),
            (b"[$T#i\x01x", "byte 6: an array of values without bytes"),
            (b"[$d\x01", "byte 3: a type of all values without their count"),
            (b"i\x01i\x01", "byte 2: the model ends here, and the file goes on"),
            (b"x", "byte 1: `x` where a whole number is due"),
            (&[b'['; 100], "byte 65: it is nested too deep"),
        ] {
            assert_eq!(read::<Json>(bytes).unwrap_err().to_string(), told);
        }
    }
}
