//! Golden bundles: a bundle, a request, and the answer that it must give for ever.
//!
//! A golden folder holds `bundle/`, `request.json` (a body as [`crate::Request::from_json`] reads it) and
//! `expected.json` (the answer's columns, floats as the hexadecimal digits of their bits). Each room
//! whose formats a bundle needs keeps its own under `tests/golden/v1/NAME/` and checks them all.

use crate::Bundle;
use arkwright_core::{Context, Error, Frame, Json, Registry, Result};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use arrow::util::display::array_value_to_string;
use std::fs;
use std::path::Path;

/// Makes a golden folder of a bundle and a request; never over one that is there.
///
/// # Errors
/// When the folder exists, the request is refused, or writing fails.
pub fn record(folder: &Path, bundle: &Bundle, request: &[u8]) -> Result<()> {
    let doing = |source| Error::Io { doing: format!("writing {}", folder.display()), source };
    let answer = spell(&answer(bundle, request)?)?;
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(doing)?;
    }
    fs::create_dir(folder).map_err(doing)?;
    bundle.save_to(&folder.join("bundle"))?;
    fs::write(folder.join("request.json"), request).map_err(doing)?;
    let mut text = serde_json::to_string_pretty(&answer).map_err(|e| Error::Saved(e.to_string()))?;
    text.push('\n');
    fs::write(folder.join("expected.json"), text).map_err(doing)
}

/// Loads the bundle of a golden folder and compares its answer, to the bit.
///
/// # Errors
/// When it does not load, or answers another thing.
pub fn check(folder: &Path, registry: &Registry) -> Result<()> {
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).map_err(|source| Error::Io { doing: format!("reading {}", path.display()), source })
    };
    let expected: Json = serde_json::from_slice(&read("expected.json")?).map_err(|e| Error::Saved(e.to_string()))?;
    let bundle = Bundle::load(&folder.join("bundle"), registry)?;
    let given = spell(&answer(&bundle, &read("request.json")?)?)?;
    match given == expected {
        true => Ok(()),
        false => Err(Error::data(format!("{} answers {given} where {expected} is expected", folder.display()))),
    }
}

/// Checks every folder in `root` and gives their number; a file there is an error too.
///
/// # Errors
/// At the first that fails.
pub fn check_all(root: &Path, registry: &Registry) -> Result<usize> {
    let doing = |source| Error::Io { doing: format!("reading {}", root.display()), source };
    let mut folders = fs::read_dir(root)
        .and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect::<std::io::Result<Vec<_>>>())
        .map_err(doing)?;
    folders.sort();
    folders.iter().try_for_each(|folder| check(folder, registry))?;
    Ok(folders.len())
}

fn answer(bundle: &Bundle, request: &[u8]) -> Result<Frame> {
    let frame = bundle.request().from_json(request, usize::MAX)?;
    bundle.predict(&frame, &Context::new(0))
}

/// A frame as JSON that tells every bit.
fn spell(frame: &Frame) -> Result<Json> {
    let columns = frame.fields().iter().zip(frame.columns()).map(|(field, column)| {
        let kind = serde_json::to_value(&field.kind).map_err(|e| Error::Saved(e.to_string()))?;
        let values = (0..column.len()).map(|row| spell_value(column, row)).collect::<Result<Json>>()?;
        Ok(serde_json::json!({ "name": field.name, "kind": kind, "values": values }))
    });
    columns.collect()
}

fn spell_value(column: &ArrayRef, row: usize) -> Result<Json> {
    if column.is_null(row) {
        return Ok(Json::Null);
    }
    Ok(match column.data_type() {
        DataType::Float64 => format!("{:016x}", column.as_primitive::<Float64Type>().value(row).to_bits()).into(),
        DataType::Float32 => format!("{:08x}", column.as_primitive::<Float32Type>().value(row).to_bits()).into(),
        DataType::FixedSizeList(..) => {
            let inner = column.as_fixed_size_list().value(row);
            (0..inner.len()).map(|i| spell_value(&inner, i)).collect::<Result<Json>>()?
        }
        _ => array_value_to_string(column, row)?.into(),
    })
}
