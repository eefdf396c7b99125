//! What a saved model is made of: a small JSON without fitted floats, blobs of numbers, and children.
//!
//! JSON changes the bits of floats and cannot spell NaN, so fitted numbers live in [`Blob`]s only.

use crate::{Error, Json, Result};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// A saved model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// Which [`Format`](crate::Format) loads it.
    pub format: String,
    /// The version of that format.
    pub version: u32,
    /// What is not a fitted number: names, counts, settings.
    pub json: Json,
    /// Fitted numbers.
    pub blobs: BTreeMap<String, Blob>,
    /// Models within the model.
    pub children: BTreeMap<String, Parts>,
}

/// An array of numbers of one type, with a shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Blob {
    /// The numbers.
    pub data: BlobData,
    /// The shape; its product is the number of numbers.
    pub shape: Vec<usize>,
}

/// The numbers of a blob.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum BlobData {
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
    I32(Vec<i32>),
    U64(Vec<u64>),
    F32(Vec<f32>),
    F64(Vec<f64>),
}

macro_rules! blob_types {
    ($($variant:ident $type:ty),*) => {
        impl BlobData {
            /// How many numbers.
            pub fn len(&self) -> usize {
                match self { $(Self::$variant(v) => v.len()),* }
            }

            /// Whether there are none.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// The numbers' bytes, little-endian.
            pub fn to_le_bytes(&self) -> Vec<u8> {
                match self { $(Self::$variant(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect()),* }
            }

            /// The type's name as safetensors spells it.
            pub fn type_name(&self) -> &'static str {
                match self { $(Self::$variant(_) => stringify!($variant)),* }
            }

            /// Numbers from their bytes, whatever the alignment; `None` for an unknown type or a cut number.
            pub fn from_le_bytes(type_name: &str, bytes: &[u8]) -> Option<Self> {
                $(if type_name == stringify!($variant) {
                    let chunks = bytes.chunks_exact(size_of::<$type>());
                    if !chunks.remainder().is_empty() {
                        return None;
                    }
                    return Some(Self::$variant(
                        chunks.filter_map(|c| c.try_into().ok().map(<$type>::from_le_bytes)).collect(),
                    ));
                })*
                None
            }
        }

        $(impl From<Vec<$type>> for Blob {
            fn from(v: Vec<$type>) -> Self {
                Self { shape: vec![v.len()], data: BlobData::$variant(v) }
            }
        }

        impl<'a> TryFrom<&'a Blob> for &'a [$type] {
            type Error = &'static str;
            fn try_from(blob: &'a Blob) -> Result<Self, Self::Error> {
                match &blob.data {
                    BlobData::$variant(v) => Ok(v),
                    _ => Err(stringify!($variant)),
                }
            }
        })*
    };
}

// Seven number types with one behaviour: the one place where a macro beats a function.
blob_types!(U8 u8, U16 u16, U32 u32, I32 i32, U64 u64, F32 f32, F64 f64);

impl Parts {
    /// Parts of a format's version 1.
    pub fn new(format: &str) -> Self {
        Self { format: format.to_string(), version: 1, ..Self::default() }
    }

    /// Adds fitted numbers.
    pub fn put(&mut self, name: &str, numbers: impl Into<Blob>) {
        self.blobs.insert(name.to_string(), numbers.into());
    }

    /// Sets the JSON from anything that serde writes. It must hold no fitted float.
    ///
    /// # Errors
    /// When the value cannot be written as JSON.
    pub fn put_json(&mut self, value: &impl serde::Serialize) -> Result<()> {
        self.json = serde_json::to_value(value).map_err(|e| Error::Saved(e.to_string()))?;
        Ok(())
    }

    /// The numbers of a blob.
    ///
    /// # Errors
    /// When there is no such blob or it has another type.
    pub fn get<'a, T>(&'a self, name: &str) -> Result<&'a [T]>
    where
        &'a [T]: TryFrom<&'a Blob, Error = &'static str>,
    {
        let blob = self.blobs.get(name).ok_or_else(|| self.damaged(format!("`{name}` is missing")))?;
        blob.try_into().map_err(|wanted| {
            self.damaged(format!("`{name}` is of type {} where {wanted} is needed", blob.data.type_name()))
        })
    }

    /// Reads the JSON.
    ///
    /// # Errors
    /// When it is not of that shape.
    pub fn get_json<T: DeserializeOwned>(&self) -> Result<T> {
        T::deserialize(&self.json).map_err(|e| self.damaged(e.to_string()))
    }

    /// A model within the model.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn child(&self, name: &str) -> Result<&Self> {
        self.children.get(name).ok_or_else(|| self.damaged(format!("the part `{name}` is missing")))
    }

    /// A name for the content: equal parts have equal hashes.
    pub fn hash(&self) -> crate::Hash {
        let mut hasher = crate::Hasher::new("parts").text(&self.format).number(self.version.into()).json(&self.json);
        for (name, blob) in &self.blobs {
            let shape: Vec<u8> = blob.shape.iter().flat_map(|n| (*n as u64).to_le_bytes()).collect();
            hasher = hasher.text(name).text(blob.data.type_name()).bytes(&shape).bytes(&blob.data.to_le_bytes());
        }
        for (name, child) in &self.children {
            hasher = hasher.text(name).hash(&child.hash());
        }
        hasher.finish()
    }

    /// The error of a saved model that contradicts itself; loaders call it instead of panicking.
    pub fn damaged(&self, what: impl std::fmt::Display) -> Error {
        Error::Saved(format!("{} (version {}): {what}", self.format, self.version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back_to_the_bit_and_another_type_is_refused() {
        let mut parts = Parts::new("demo");
        parts.put("w", vec![0.1f64, f64::NAN, -0.0]);
        let read: &[f64] = parts.get("w").unwrap();
        assert_eq!(read[1].to_bits(), f64::NAN.to_bits());
        assert!(parts.get::<u32>("w").unwrap_err().to_string().contains("F64 where U32"));
        assert!(parts.get::<u32>("v").is_err());
        let bytes = parts.blobs["w"].data.to_le_bytes();
        let again = BlobData::from_le_bytes("F64", &bytes).unwrap();
        assert_eq!(again.to_le_bytes(), bytes);
        assert!(BlobData::from_le_bytes("F64", &bytes[1..]).is_none());
    }
}
