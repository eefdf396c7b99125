//! Parts to bytes and back: a manifest of everything that is no number, and safetensors.
//!
//! Both are the same bytes for the same parts: keys are sorted, nothing tells when or where. The
//! manifest carries the parts' hash, so that no edit goes unseen, and blobs keep every bit of a float.
//! As one piece, for the store's memory, they stand one behind the other:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `ARKPARTS` |
//! | 4 | version, little-endian |
//! | 4 | nothing |
//! | 8 | length of the manifest, a multiple of 8 (blanks fill it) |
//! | | the manifest |
//! | | safetensors |

use arkwright_core::{Blob, BlobData, Error, Hash, Json, Parts, Result};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, View};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// How deep models may lie within models, in what is written and what is read.
pub const MAX_DEPTH: usize = 24;

/// How deep the JSON of one model may be.
const MAX_JSON_DEPTH: usize = 48;

const MAGIC: &[u8; 8] = b"ARKPARTS";
const VERSION: u32 = 1;
const HEAD: usize = 24;

/// Parts without their numbers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tree {
    format: String,
    version: u32,
    json: Json,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    blobs: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    children: BTreeMap<String, Tree>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    hash: Hash,
    parts: Tree,
}

/// Parts as one piece of bytes.
///
/// # Errors
/// When models lie deeper than [`MAX_DEPTH`], or a blob's shape is not that of its numbers.
pub fn encode(parts: &Parts) -> Result<Vec<u8>> {
    let mut manifest = write_json(&Manifest { hash: parts.hash(), parts: Tree::of(parts, 0)? })?;
    manifest.resize(manifest.len().next_multiple_of(8), b' ');
    let arrays = write_arrays(parts)?;
    let mut bytes = Vec::with_capacity(HEAD + manifest.len() + arrays.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&(manifest.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&manifest);
    bytes.extend_from_slice(&arrays);
    Ok(bytes)
}

/// Parts from the bytes that [`encode`] gave.
///
/// # Errors
/// When the bytes are cut short, changed, or newer than this program.
pub fn decode(bytes: &[u8]) -> Result<Parts> {
    let damaged = |what: &str| Error::Saved(what.to_string());
    let (head, rest) = bytes.split_at_checked(HEAD).ok_or_else(|| damaged("it is cut short"))?;
    if &head[..8] != MAGIC {
        return Err(damaged("these are no saved parts"));
    }
    let number = |at: usize, len: usize| head[at..at + len].iter().rev().fold(0, |n, b| n << 8 | u64::from(*b));
    let (version, zeros, length) = (number(8, 4), number(12, 4), number(16, 8));
    check_version(version)?;
    let length = usize::try_from(length).map_err(|_| damaged("it is cut short"))?;
    let (manifest, arrays) = rest.split_at_checked(length).ok_or_else(|| damaged("it is cut short"))?;
    if zeros != 0 {
        return Err(damaged("its head was changed"));
    }
    let manifest: Manifest = read_json(manifest)?;
    manifest.parts.with_arrays(arrays, &manifest.hash)
}

/// Refuses versions that this program does not read.
pub(crate) fn check_version(version: u64) -> Result<()> {
    match version {
        1 => Ok(()),
        v if v > u64::from(VERSION) => {
            Err(Error::Saved(format!("it is of version {v}, and this program reads up to {VERSION}: update it")))
        }
        v => Err(Error::Saved(format!("there is no version {v}"))),
    }
}

impl Tree {
    pub(crate) fn of(parts: &Parts, depth: usize) -> Result<Self> {
        if depth > MAX_DEPTH {
            return Err(parts.damaged(format!("models lie deeper than {MAX_DEPTH} within models")));
        }
        if depth_of(&parts.json) > MAX_JSON_DEPTH {
            return Err(parts.damaged(format!("its JSON is deeper than {MAX_JSON_DEPTH}")));
        }
        let children = parts.children.iter().map(|(name, child)| Ok((name.clone(), Self::of(child, depth + 1)?)));
        Ok(Self {
            format: parts.format.clone(),
            version: parts.version,
            json: parts.json.clone(),
            blobs: parts.blobs.keys().cloned().collect(),
            children: children.collect::<Result<_>>()?,
        })
    }

    /// The parts, with their numbers from safetensors; refused when their hash is another.
    pub(crate) fn with_arrays(self, bytes: &[u8], hash: &Hash) -> Result<Parts> {
        let arrays =
            SafeTensors::deserialize(bytes).map_err(|e| Error::Saved(format!("its arrays are damaged ({e})")))?;
        let mut used = 0;
        let parts = self.fill(&arrays, "", 0, &mut used)?;
        if used != arrays.len() {
            return Err(Error::Saved("its arrays hold more than its manifest names".into()));
        }
        match parts.hash() == *hash {
            true => Ok(parts),
            false => Err(Error::Saved("its content is not what was saved: it was changed or damaged".into())),
        }
    }

    fn fill(self, arrays: &SafeTensors<'_>, path: &str, depth: usize, used: &mut usize) -> Result<Parts> {
        if depth > MAX_DEPTH {
            return Err(Error::Saved(format!("models lie deeper than {MAX_DEPTH} within models")));
        }
        let mut parts = Parts { format: self.format, version: self.version, json: self.json, ..Parts::default() };
        for name in self.blobs {
            let at = join(path, &name);
            let array = arrays.tensor(&at).map_err(|_| parts.damaged(format!("the array `{at}` is missing")))?;
            let type_name = array.dtype().to_string();
            let data = BlobData::from_le_bytes(&type_name, array.data())
                .ok_or_else(|| parts.damaged(format!("the array `{at}` is of type {type_name}")))?;
            parts.blobs.insert(name, Blob { data, shape: array.shape().to_vec() });
            *used += 1;
        }
        for (name, child) in self.children {
            let at = join(path, &name);
            parts.children.insert(name, child.fill(arrays, &at, depth + 1, used)?);
        }
        Ok(parts)
    }
}

/// The arrays of all parts under the paths that lead to them, as safetensors.
pub(crate) fn write_arrays(parts: &Parts) -> Result<Vec<u8>> {
    let mut arrays = Vec::new();
    gather(parts, "", &mut arrays)?;
    safetensors::serialize(arrays, None).map_err(|e| Error::Saved(e.to_string()))
}

fn gather<'a>(parts: &'a Parts, path: &str, arrays: &mut Vec<(String, Array<'a>)>) -> Result<()> {
    for (name, blob) in &parts.blobs {
        let len = blob.shape.iter().try_fold(1usize, |n, d| n.checked_mul(*d));
        if len != Some(blob.data.len()) {
            return Err(parts.damaged(format!("`{name}` has {} numbers and shape {:?}", blob.data.len(), blob.shape)));
        }
        arrays.push((join(path, name), Array(blob)));
    }
    parts.children.iter().try_for_each(|(name, child)| gather(child, &join(path, name), arrays))
}

/// A path within parts; a slash within a name is spelt `~1`, as in a JSON pointer.
fn join(path: &str, name: &str) -> String {
    let name = name.replace('~', "~0").replace('/', "~1");
    if path.is_empty() { name } else { format!("{path}/{name}") }
}

struct Array<'a>(&'a Blob);

impl View for Array<'_> {
    fn dtype(&self) -> Dtype {
        match self.0.data {
            BlobData::U8(_) => Dtype::U8,
            BlobData::U16(_) => Dtype::U16,
            BlobData::U32(_) => Dtype::U32,
            BlobData::I32(_) => Dtype::I32,
            BlobData::U64(_) => Dtype::U64,
            BlobData::F32(_) => Dtype::F32,
            BlobData::F64(_) => Dtype::F64,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.0.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.0.data.to_le_bytes())
    }

    fn data_len(&self) -> usize {
        self.0.data.len() * self.dtype().bitsize() / 8
    }
}

/// JSON whose keys are sorted at every depth.
pub(crate) fn write_json(value: &impl Serialize) -> Result<Vec<u8>> {
    let json = serde_json::to_value(value).map_err(|e| Error::Saved(e.to_string()))?;
    serde_json::to_vec(&sorted(json)).map_err(|e| Error::Saved(e.to_string()))
}

pub(crate) fn read_json<T: for<'a> Deserialize<'a>>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|e| Error::Saved(format!("its manifest is damaged ({e})")))
}

fn sorted(json: Json) -> Json {
    match json {
        Json::Object(map) => {
            let entries: BTreeMap<String, Json> = map.into_iter().map(|(k, v)| (k, sorted(v))).collect();
            Json::Object(entries.into_iter().collect())
        }
        Json::Array(items) => items.into_iter().map(sorted).collect(),
        scalar => scalar,
    }
}

fn depth_of(json: &Json) -> usize {
    match json {
        Json::Object(map) => 1 + map.values().map(depth_of).max().unwrap_or(0),
        Json::Array(items) => 1 + items.iter().map(depth_of).max().unwrap_or(0),
        _ => 0,
    }
}
