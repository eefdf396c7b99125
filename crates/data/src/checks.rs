//! Declared checks: what a column's values must be like, tried on every row before anything is fitted.
//!
//! ```toml
//! [data.checks.age]
//! type = "integer"
//! min = 0
//! max = 120
//! max_null_share = 0.05
//! on_fail = "set_aside"     # or "refuse" (the default), or "warn"
//! ```
//!
//! A missing value, NaN among them, passes all of them but `max_null_share`. Checks run on the table as it was
//! read, before [`crate::typing`]: a column of numbers with a few words in it is still text then, and `type`
//! finds them.

use crate::literal;
use crate::native::with_nulls;
use crate::profile::{ColumnProfile, hash_of};
use crate::typing::ValueType;
use arkwright_core::{Error, Frame, Json, Notation, Result, key_text};
use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, TimestampMicrosecondType};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// What a column's values must be like. Nothing is asked by default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Check {
    /// The type that every value spells. An infinite number is no number.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub value_type: Option<ValueType>,
    /// The least value allowed: a number, or an ISO date for a column of dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<Json>,
    /// The greatest value allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Json>,
    /// The share of missing values allowed, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_null_share: Option<f64>,
    /// Whether no value may come twice.
    pub unique: bool,
    /// The values allowed, as they are spelt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<Json>>,
    /// What a failure does.
    pub on_fail: OnFail,
}

/// What a failed check does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnFail {
    /// The table is refused.
    #[default]
    Refuse,
    /// The rows at fault are set aside, and counted.
    SetAside,
    /// It is told.
    Warn,
}

/// How a check went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checked {
    /// The column.
    pub column: String,
    /// What was asked: `min 0`.
    pub rule: String,
    /// Rows that failed.
    pub failing: u64,
    /// The first few of them.
    pub first: Vec<Failing>,
    /// What a failure does.
    pub on_fail: OnFail,
}

/// A row that failed a check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failing {
    /// The row, counted from 0.
    pub row: u64,
    /// The value, cut after 60 characters; empty where it is missing.
    pub value: String,
}

/// How all checks of a table went.
#[derive(Clone, Debug, PartialEq)]
pub struct Checks {
    /// Every check, in the order of the columns' names.
    pub results: Vec<Checked>,
    /// The rows to go on with; `None`: all of them.
    pub keep: Option<Vec<u32>>,
    /// Rows in all.
    pub rows: usize,
}

/// Failing rows that are told one by one.
const SHOWN: usize = 5;

impl Checks {
    /// Rows that are set aside.
    pub fn set_aside(&self) -> usize {
        self.keep.as_ref().map_or(0, |keep| self.rows - keep.len())
    }

    /// The rows to go on with.
    ///
    /// # Errors
    /// When a check that refuses the table failed, or no row is left.
    pub fn apply(&self, frame: &Frame) -> Result<Frame> {
        let refused = self.results.iter().filter(|c| c.failing > 0 && c.on_fail == OnFail::Refuse);
        let told: Vec<String> = refused.clone().take(5).map(Checked::told).collect();
        if let Some(first) = refused.clone().next() {
            return Err(Error::data(told.join("; ")).with_hint(format!(
                "mend the data, or say on_fail = \"set_aside\" or \"warn\" under [data.checks.{}]",
                key_text(&first.column)
            )));
        }
        match &self.keep {
            None => Ok(frame.clone()),
            Some(keep) if keep.is_empty() => Err(Error::data("the checks set every row aside")),
            Some(keep) => frame.take(keep),
        }
    }
}

impl Checked {
    /// The result in words.
    pub fn told(&self) -> String {
        let first: Vec<String> = self
            .first
            .iter()
            .take(3)
            .map(|f| match f.value.is_empty() {
                true => format!("row {}", f.row + 1),
                false => format!("row {}: `{}`", f.row + 1, f.value),
            })
            .collect();
        match self.failing {
            0 => format!("column `{}`: {} holds", self.column, self.rule),
            n => format!("column `{}`: {n} rows fail {} ({})", self.column, self.rule, first.join(", ")),
        }
    }
}

/// Tries checks on a table whose text is in a notation.
///
/// # Errors
/// When a checked column is not there, or a bound does not fit its column.
pub fn check(frame: &Frame, checks: &BTreeMap<String, Check>, notation: &Notation) -> Result<Checks> {
    let mut results = Vec::new();
    let mut aside = vec![false; frame.rows()];
    for (name, check) in checks {
        let at = frame.position(name).ok_or_else(|| {
            Error::data(format!("[data.checks.{}]: there is no such column", key_text(name)))
                .nearest_column(name, frame.fields())
        })?;
        let column = &with_nulls(frame.columns()[at].clone())?;
        for (rule, failing) in rules(name, column, &literal::plain(column, notation), check)? {
            if check.on_fail == OnFail::SetAside {
                failing.iter().for_each(|&row| aside[row] = true);
            }
            let first =
                failing.iter().take(SHOWN).map(|&row| Failing { row: row as u64, value: spelt(column, row) }).collect();
            let failing = failing.len() as u64;
            results.push(Checked { column: name.clone(), rule, failing, first, on_fail: check.on_fail });
        }
    }
    let keep =
        aside.contains(&true).then(|| (0u32..).zip(&aside).filter(|(_, aside)| !**aside).map(|(row, _)| row).collect());
    Ok(Checks { results, keep, rows: frame.rows() })
}

/// The rows that fail each rule of a check. `plain` is the column in the form of programs.
fn rules(name: &str, column: &ArrayRef, plain: &ArrayRef, check: &Check) -> Result<Vec<(String, Vec<usize>)>> {
    let mut results = Vec::new();
    let texts = |column: &ArrayRef| -> Result<StringArray> {
        let texts = cast(column, &DataType::Utf8).map_err(|e| Error::column(name, e.to_string()))?;
        Ok(texts.as_string::<i32>().clone())
    };
    if let Some(wanted) = check.value_type {
        let failing = match column.data_type() {
            t if t == &wanted.data_type() && !t.is_floating() => Vec::new(),
            _ => {
                let spells = |text: &str| match wanted {
                    ValueType::Integer => literal::float(text).is_some_and(|v| v.fract() == 0.0 && v.is_finite()),
                    ValueType::Number => literal::float(text).is_some_and(f64::is_finite),
                    ValueType::Boolean => literal::boolean(text).is_some(),
                    ValueType::Text => true,
                    ValueType::Date => literal::date(text).is_some(),
                    ValueType::Timestamp => literal::timestamp(text).is_some(),
                };
                where_some(texts(plain)?.iter(), |text| !spells(text))
            }
        };
        results.push((format!("type {}", wanted.describe()), failing));
    }
    for (key, bound, below) in [("min", &check.min, true), ("max", &check.max, false)] {
        if let Some(bound) = bound {
            results.push((format!("{key} {bound}"), beyond(name, plain, bound, below)?));
        }
    }
    if let Some(share) = check.max_null_share {
        if !(0.0..=1.0).contains(&share) {
            return Err(Error::data(format!(
                "[data.checks.{}]: `max_null_share` is {share}, and lies between 0 and 1",
                key_text(name)
            )));
        }
        let missing: Vec<usize> = (0..column.len()).filter(|&row| is_missing(column, row)).collect();
        let failing = if missing.len() as f64 > share * column.len() as f64 { missing } else { Vec::new() };
        results.push((format!("max_null_share {share}"), failing));
    }
    if check.unique {
        let mut seen = HashSet::with_capacity(column.len());
        results.push(("unique".into(), where_some(texts(column)?.iter(), |text| !seen.insert(hash_of(text)))));
    }
    if let Some(allowed) = &check.allowed {
        let spelt: HashSet<String> = allowed
            .iter()
            .map(|value| match value {
                Json::String(text) => text.clone(),
                other => other.to_string(),
            })
            .collect();
        // 1 and 1.0 are one number.
        let numbers: Vec<f64> = allowed.iter().filter_map(Json::as_f64).collect();
        let holds = |text: &str| spelt.contains(text) || literal::float(text).is_some_and(|v| numbers.contains(&v));
        let rule = format!("allowed {}", Json::from(allowed.clone()));
        results.push((rule, where_some(texts(column)?.iter(), |text| !holds(text))));
    }
    Ok(results)
}

/// The rows beyond a bound.
fn beyond(name: &str, column: &ArrayRef, bound: &Json, below: bool) -> Result<Vec<usize>> {
    let wrong = |what: &str| Error::data(format!("[data.checks.{}]: {what}", key_text(name)));
    let beyond = |value: f64, bound: f64| if below { value < bound } else { value > bound };
    match (bound, column.data_type()) {
        (Json::Number(number), t) if t.is_numeric() || t == &DataType::Utf8 || t == &DataType::Null => {
            if let (true, Some(bound)) = (t.is_integer(), number.as_i128()) {
                // Beyond 2^53, numbers that differ look alike as f64.
                let exact = cast(column, &DataType::Decimal128(20, 0))?;
                let beyond = |value: i128| if below { value < bound } else { value > bound };
                return Ok(where_some(exact.as_primitive::<Decimal128Type>().iter(), beyond));
            }
            let bound = number.as_f64().unwrap_or(f64::NAN);
            if let Some(texts) = column.as_string_opt::<i32>() {
                return Ok(where_some(texts.iter(), |text| literal::float(text).is_some_and(|v| beyond(v, bound))));
            }
            let wide = cast(column, &DataType::Float64)?;
            Ok(where_some(wide.as_primitive::<Float64Type>().iter(), |v| beyond(v, bound)))
        }
        (Json::String(text), t) if t.is_temporal() || t == &DataType::Utf8 => {
            let bound = literal::timestamp(text).ok_or_else(|| wrong(&format!("`{text}` is no ISO date")))?;
            let beyond = |value: i64| if below { value < bound } else { value > bound };
            if let Some(texts) = column.as_string_opt::<i32>() {
                return Ok(where_some(texts.iter(), |text| literal::timestamp(text).is_some_and(beyond)));
            }
            let times = cast(column, &crate::literal::STAMP)?;
            Ok(where_some(times.as_primitive::<TimestampMicrosecondType>().iter(), beyond))
        }
        (bound, t) => Err(wrong(&format!("the bound {bound} does not fit a column of type {t}"))),
    }
}

fn where_some<T>(values: impl Iterator<Item = Option<T>>, mut fails: impl FnMut(T) -> bool) -> Vec<usize> {
    values.enumerate().filter_map(|(row, value)| fails(value?).then_some(row)).collect()
}

fn is_missing(column: &ArrayRef, row: usize) -> bool {
    column.is_null(row) || column.data_type() == &DataType::Null
}

fn spelt(column: &ArrayRef, row: usize) -> String {
    match cast(&column.slice(row, 1), &DataType::Utf8) {
        Ok(text) if !text.is_null(0) => text.as_string::<i32>().value(0).chars().take(60).collect(),
        _ => String::new(),
    }
}

/// Values of a category that a check lists.
const LISTED: u64 = 20;

/// The checks that a table passes, as a first draft for the user to edit: types, ranges of numbers and
/// dates, the values of small categories, whether anything is missing. All of them warn.
pub fn infer_checks(columns: &[ColumnProfile]) -> BTreeMap<String, Check> {
    columns.iter().filter(|c| c.count > 0 && c.set_aside.is_none()).map(|c| (c.name.clone(), infer(c))).collect()
}

fn infer(column: &ColumnProfile) -> Check {
    let total = (column.count + column.missing) as f64;
    let share = column.missing as f64 / total;
    let value_type = match column.data_type.as_str() {
        "Boolean" => Some(ValueType::Boolean),
        "Date32" => Some(ValueType::Date),
        t if t.starts_with("Int") || t.starts_with("UInt") => Some(ValueType::Integer),
        t if t.starts_with("Float") => Some(ValueType::Number),
        t if t.starts_with("Timestamp") => Some(ValueType::Timestamp),
        _ => None,
    };
    let bound = |pick: fn(&crate::Numbers) -> f64| {
        let value = pick(column.numbers.as_ref()?);
        match value_type == Some(ValueType::Integer) && value.abs() < 9e15 {
            true => Some(Json::from(value as i64)),
            false => serde_json::Number::from_f64(value).map(Json::Number),
        }
    };
    let listed = column.kind == "category" && column.distinct <= LISTED && column.top.len() as u64 == column.distinct;
    Check {
        value_type,
        min: bound(|n| n.min),
        max: bound(|n| n.max),
        // Twice what is missing today, in whole percent.
        max_null_share: Some((share * 200.0).ceil().min(100.0) / 100.0),
        unique: column.role == arkwright_core::Role::Key && column.distinct == column.count,
        allowed: listed.then(|| {
            let mut values: Vec<&str> = column.top.iter().map(|(value, _)| value.as_str()).collect();
            values.sort_unstable();
            values.into_iter().map(Json::from).collect()
        }),
        on_fail: OnFail::Warn,
    }
}
