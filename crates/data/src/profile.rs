//! What a column holds, in figures: how many values, how many of them differ, their range or the most
//! frequent ones. Counts are exact; quantiles are, up to a million rows.

use arkwright_core::{Role, Task};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type, UInt64Type};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

/// Rows that quantiles are taken from, at most: evenly spaced ones.
const SAMPLE: usize = 1_000_000;

/// Frequent values that are told.
const TOP: usize = 20;

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// The name.
    pub name: String,
    /// What the column is: `number`, `category`, `text`, `time`, `vector`.
    pub kind: String,
    /// The part that it plays.
    pub role: Role,
    /// The Arrow type of its values.
    pub data_type: String,
    /// Values that are there.
    pub count: u64,
    /// Values that are missing.
    pub missing: u64,
    /// Values that differ from each other.
    pub distinct: u64,
    /// Figures of a column of numbers; `None` where one of them is beyond what a number here can be.
    pub numbers: Option<Numbers>,
    /// The most frequent values and how often they come, ties in the order of the rows; for categories and
    /// text.
    pub top: Vec<(String, u64)>,
    /// The first and the last point in time.
    pub span: Option<(String, String)>,
    /// What is worth a word.
    pub notes: Vec<String>,
    /// Why no model learns from the column; `None` for one that is used.
    pub set_aside: Option<String>,
}

/// Figures of a column of numbers, of the values that are there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Numbers {
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// The mean.
    pub mean: f64,
    /// The standard deviation (n - 1).
    pub std: f64,
    /// The quantiles at 0.05, 0.25, 0.5, 0.75 and 0.95, interpolated.
    pub quantiles: [f64; 5],
}

/// What a column holds, before anybody says what it is for.
pub(crate) struct Look {
    pub(crate) count: usize,
    pub(crate) missing: usize,
    pub(crate) distinct: usize,
    pub(crate) numbers: Option<Numbers>,
    pub(crate) top: Vec<(String, u64)>,
    pub(crate) span: Option<(String, String)>,
    /// Characters of a text, on average.
    pub(crate) mean_length: f64,
    /// Every value is one more than the one before.
    pub(crate) counts_rows: bool,
}

/// Looks at all values of a column.
pub(crate) fn look(column: &ArrayRef) -> Look {
    let missing = column.logical_null_count();
    let mut look = Look {
        count: column.len() - missing,
        missing,
        distinct: 0,
        numbers: None,
        top: Vec::new(),
        span: None,
        mean_length: 0.0,
        counts_rows: false,
    };
    match column.data_type() {
        t if t.is_numeric() => look.at_numbers(column),
        t if t.is_temporal() => look.at_times(column),
        DataType::Utf8 => look.at_texts(column),
        DataType::Boolean => {
            if let Ok(texts) = cast(column, &DataType::Utf8) {
                look.at_texts(&texts);
            }
        }
        _ => {}
    }
    look
}

impl Look {
    fn at_numbers(&mut self, column: &ArrayRef) {
        let Ok(wide) = cast(column, &DataType::Float64) else { return };
        let wide = wide.as_primitive::<Float64Type>();
        let values: Vec<f64> = wide.iter().flatten().filter(|v| !v.is_nan()).collect();
        (self.count, self.missing) = (values.len(), column.len() - values.len());
        if values.is_empty() {
            return;
        }
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
        let std = if values.len() > 1 { (squares / (n - 1.0)).sqrt() } else { 0.0 };
        self.counts_rows = column.data_type().is_integer()
            && self.missing == 0
            && values.windows(2).all(|pair| pair[1] - pair[0] == 1.0);
        let mut sorted = match values.len() > SAMPLE {
            true => {
                self.distinct = counts(values.iter().map(|v| mixed(v.to_bits()))).len();
                let step = values.len().div_ceil(SAMPLE);
                values.iter().step_by(step).copied().collect()
            }
            false => values.clone(),
        };
        sorted.sort_unstable_by(f64::total_cmp);
        if self.distinct == 0 {
            self.distinct = 1 + sorted.windows(2).filter(|pair| pair[0] != pair[1]).count();
        }
        // Whole numbers beyond 2^53 may look alike as f64.
        if column.data_type().is_integer() && values.iter().any(|v| v.abs() >= 9e15) {
            self.distinct = match (column.as_primitive_opt::<UInt64Type>(), cast(column, &DataType::Int64)) {
                (Some(natural), _) => counts(natural.iter().flatten().map(mixed)).len(),
                (None, Ok(whole)) => {
                    counts(whole.as_primitive::<Int64Type>().iter().flatten().map(|v| mixed(v as u64))).len()
                }
                (None, Err(_)) => self.distinct,
            };
        }
        let quantile = |q: f64| {
            let at = q * (sorted.len() - 1) as f64;
            let (low, share) = (at.floor() as usize, at.fract());
            let high = sorted[(low + 1).min(sorted.len() - 1)];
            if share == 0.0 { sorted[low] } else { sorted[low] + share * (high - sorted[low]) }
        };
        let numbers = Numbers {
            min: values.iter().copied().fold(f64::INFINITY, f64::min),
            max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            mean,
            std,
            quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(quantile),
        };
        // JSON has no word for infinity.
        let Numbers { min, max, mean, std, quantiles } = &numbers;
        let finite = [min, max, mean, std].into_iter().chain(quantiles).all(|v| v.is_finite());
        self.numbers = finite.then_some(numbers);
    }

    fn at_texts(&mut self, column: &ArrayRef) {
        let texts = column.as_string::<i32>();
        let found = counts(texts.iter().flatten().map(hash_of));
        let mut length = 0;
        let mut first: HashMap<u64, usize, Direct> = HashMap::with_capacity_and_hasher(found.len(), Direct::default());
        for (row, text) in texts.iter().enumerate() {
            if let Some(text) = text {
                length += text.chars().count();
                if first.len() < found.len() {
                    first.entry(hash_of(text)).or_insert(row);
                }
            }
        }
        self.distinct = found.len();
        self.mean_length = length as f64 / self.count.max(1) as f64;
        let mut ordered: Vec<(u64, usize)> = found.iter().map(|(hash, n)| (*n, first[hash])).collect();
        ordered.sort_unstable_by_key(|(n, row)| (std::cmp::Reverse(*n), *row));
        self.top = ordered.iter().take(TOP).map(|(n, row)| (texts.value(*row).to_string(), *n)).collect();
    }

    fn at_times(&mut self, column: &ArrayRef) {
        let Ok(ticks) = cast(column, &DataType::Int64)
            .or_else(|_| cast(column, &DataType::Int32).and_then(|days| cast(&days, &DataType::Int64)))
        else {
            return;
        };
        let ticks = ticks.as_primitive::<Int64Type>();
        self.distinct = counts(ticks.iter().flatten().map(|v| mixed(v as u64))).len();
        let spelt = |row: Option<usize>| {
            let one = cast(&column.slice(row?, 1), &DataType::Utf8).ok()?;
            Some(one.as_string::<i32>().value(0).to_string())
        };
        let there = || ticks.iter().enumerate().filter_map(|(row, tick)| Some((tick?, row)));
        self.span = spelt(there().min().map(|(_, row)| row)).zip(spelt(there().max().map(|(_, row)| row)));
    }
}

/// How often each of some hashes comes.
fn counts(hashes: impl Iterator<Item = u64>) -> HashMap<u64, u64, Direct> {
    let mut counts: HashMap<u64, u64, Direct> = HashMap::default();
    hashes.for_each(|hash| *counts.entry(hash).or_default() += 1);
    counts
}

/// A hash of a text, the same in every run.
pub(crate) fn hash_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Spreads the bits of a number; a bijection, so that no two numbers meet.
fn mixed(bits: u64) -> u64 {
    let z = (bits ^ (bits >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    z ^ (z >> 32)
}

/// For keys that are hashes already.
#[derive(Default)]
pub(crate) struct Itself(u64);

type Direct = BuildHasherDefault<Itself>;

impl Hasher for Itself {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.0 = self.0.rotate_left(8) ^ u64::from(*b));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The task that a target sets: text, true and false, or at most 20 distinct whole numbers (or the numbers
/// of two classes that were stored as `0.0` and `1.0`) are classes; other numbers are to be regressed.
pub fn infer_task(target: &ArrayRef) -> Task {
    match target.data_type() {
        t if t.is_numeric() => {
            let look = look(target);
            let few = if t.is_integer() { 20 } else { 2 };
            match look.distinct <= few && (t.is_integer() || whole(target)) {
                true => Task::Classify,
                false => Task::Regress,
            }
        }
        _ => Task::Classify,
    }
}

/// Whether all numbers that are there are whole.
pub(crate) fn whole(column: &ArrayRef) -> bool {
    match cast(column, &DataType::Float64) {
        Ok(wide) => wide.as_primitive::<Float64Type>().iter().flatten().all(|v| v.is_nan() || v.fract() == 0.0),
        Err(_) => false,
    }
}
