//! What every measure asks of its input, asked in one place.

use crate::{Error, Result};

/// The weight of a row: 1 where none are given.
pub(crate) fn weigh(weight: Option<&[f64]>) -> impl Fn(usize) -> f64 + Copy + '_ {
    move |row| weight.map_or(1.0, |w| w[row])
}

pub(crate) fn rows(what: &'static str, found: usize) -> Result<()> {
    if found == 0 { Err(Error::Empty { what }) } else { Ok(()) }
}

pub(crate) fn length(what: &'static str, expected: usize, found: usize) -> Result<()> {
    if expected == found { Ok(()) } else { Err(Error::Length { what, expected, found }) }
}

pub(crate) fn finite(what: &'static str, values: &[f64]) -> Result<()> {
    match values.iter().position(|v| !v.is_finite()) {
        Some(row) => Err(Error::NotFinite { what, row }),
        None => Ok(()),
    }
}

pub(crate) fn codes(what: &'static str, codes: &[u32], count: usize) -> Result<()> {
    match codes.iter().position(|&c| c as usize >= count) {
        Some(row) => Err(Error::Code { what, row, code: codes[row], count }),
        None => Ok(()),
    }
}

/// As many weights as rows, each finite and at least 0, and not all 0.
pub(crate) fn weights(weight: Option<&[f64]>, rows: usize) -> Result<()> {
    let Some(weight) = weight else { return Ok(()) };
    length("weight", rows, weight.len())?;
    if let Some(row) = weight.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
        return Err(Error::Weight { row, value: weight[row] });
    }
    if weight.iter().all(|&w| w == 0.0) { Err(Error::NoWeight) } else { Ok(()) }
}

/// How far from 1 a row of probabilities may sum: room for probabilities computed in `f32`.
const SUM_TOLERANCE: f64 = 1e-4;

/// `values`: n x `count`, row-major; each row holds probabilities that sum to 1.
pub(crate) fn probabilities(values: &[f64], rows: usize, count: usize) -> Result<()> {
    length("probabilities", rows * count, values.len())?;
    for (row, p) in values.chunks_exact(count.max(1)).enumerate() {
        let inside = p.iter().all(|p| (0.0..=1.0).contains(p));
        if !inside || (p.iter().sum::<f64>() - 1.0).abs() > SUM_TOLERANCE {
            return Err(Error::NotProbabilities { row });
        }
    }
    Ok(())
}
