//! What would make a score too good to be true, looked for before anything is fitted.
//!
//! - A column that gives the target away by itself. Each input is judged alone, on the training rows: by its
//!   ROC AUC for two classes, by its Pearson and Spearman correlation for a number, and as a category (numbers
//!   in bins) by how well what it says of one half of the rows holds for the other half. Judging on the
//!   other half is what keeps a column of many values from looking wise.
//! - Rows of the test that also lie in training, and groups that lie in both.
//! - Identifiers among the inputs.
//! - Time that runs backwards: rows learnt from that happened after rows tested on.

use crate::profile::hash_of;
use crate::text::in_parallel;
use crate::typing::is_id;
use arkwright_core::{Error, Field, Frame, Kind, Result, Role};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// Something that looks like leakage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is.
    pub kind: Leak,
    /// The column, where it is one.
    pub column: Option<String>,
    /// What was found, and what to do.
    pub message: String,
    /// The figure behind it: an association or a share, 0 to 1.
    pub figure: f64,
    /// How bad it is.
    pub severity: Severity,
}

/// Kinds of leakage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leak {
    /// A column that tells the target.
    TargetGiven,
    /// Rows that lie in training and in the test.
    DuplicateRows,
    /// Groups that lie in training and in the test.
    GroupAcross,
    /// An identifier among the inputs.
    Identifier,
    /// Training rows later than test rows.
    TimeBackwards,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// The score is likely too good.
    Warning,
    /// The score means nothing.
    Severe,
}

/// How the rows are split.
#[derive(Clone, Copy, Debug)]
pub struct Split<'a> {
    /// The rows to learn from.
    pub train: &'a [u32],
    /// The rows to test on; none where there is no test.
    pub test: &'a [u32],
    /// Whether they are split in time, so that the test comes after.
    pub in_time: bool,
}

/// From this association on, a column gives the target away.
pub const GIVES_AWAY: f64 = 0.995;

/// Rows that a column is judged on, at most.
const SAMPLE: usize = 50_000;

/// Rows below which no column is judged.
const LEAST: usize = 50;

/// Bins that a column of numbers is cut into to be judged as a category.
const BINS: usize = 64;

/// Looks for leakage in a table whose columns are known.
///
/// # Errors
/// When a row of the split does not exist.
pub fn audit(frame: &Frame, split: &Split<'_>, threads: usize) -> Result<Vec<Finding>> {
    if let Some(beyond) = split.train.iter().chain(split.test).find(|&&row| row as usize >= frame.rows()) {
        return Err(Error::data(format!("row {beyond} of {} rows", frame.rows())));
    }
    let mut findings = Vec::new();
    if let Some(target) = frame.role(Role::Target) {
        findings.extend(given(frame, target, split.train, threads)?);
    }
    findings.extend(identifiers(frame));
    findings.extend(duplicates(frame, split)?);
    findings.extend(groups(frame, split)?);
    findings.extend(time(frame, split)?);
    findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
    Ok(findings)
}

fn inputs(frame: &Frame) -> impl Iterator<Item = (&Field, &ArrayRef)> {
    frame.fields().iter().zip(frame.columns()).filter(|(f, _)| f.role == Role::Input)
}

/// Columns that give the target away.
fn given(frame: &Frame, target: usize, train: &[u32], threads: usize) -> Result<Vec<Finding>> {
    let step = train.len().div_ceil(SAMPLE).max(1);
    let rows: Vec<usize> = train.iter().step_by(step).map(|&r| r as usize).collect();
    if rows.len() < LEAST {
        return Ok(Vec::new());
    }
    let (field, column) = (&frame.fields()[target], &frame.columns()[target]);
    let target = match field.kind {
        Kind::Number => Target::Numbers(at(&numbers(column)?, &rows)),
        _ => Target::Classes(codes(&at(&hashes(column)?, &rows))),
    };
    let columns: Vec<_> = inputs(frame).collect();
    let found = in_parallel(&columns, threads, |(field, column)| {
        let strength = match field.kind {
            Kind::Number | Kind::Time => {
                let x = at(&numbers(column)?, &rows);
                let binned = target.held_out(&bins(&x));
                let direct = target.monotone(&x);
                if direct.0 >= binned.0 { direct } else { binned }
            }
            Kind::Category => target.held_out(&at(&hashes(column)?, &rows)),
            _ => (0.0, ""),
        };
        Ok((field.name.clone(), strength))
    })?;
    let given =
        found.into_iter().filter(|(_, (figure, _))| *figure >= GIVES_AWAY).map(|(name, (figure, measure))| Finding {
            kind: Leak::TargetGiven,
            message: format!(
                "`{name}` alone gives the target away ({measure} {figure:.4}); if it is not known when a prediction is \
             asked for, leave it out: ignore = [\"{name}\"]"
            ),
            column: Some(name),
            figure,
            severity: Severity::Severe,
        });
    Ok(given.collect())
}

/// The target of the rows that are judged.
enum Target {
    Classes(Vec<u32>),
    Numbers(Vec<f64>),
}

impl Target {
    /// How well a number orders the target: ROC AUC for two classes, correlation for a number.
    fn monotone(&self, x: &[f64]) -> (f64, &'static str) {
        match self {
            Self::Classes(classes) if classes.iter().all(|c| *c < 2) => {
                let y: Vec<f64> = classes.iter().map(|c| f64::from(*c)).collect();
                let auc = auc(x, &y);
                (auc.max(1.0 - auc), "ROC AUC")
            }
            Self::Classes(_) => (0.0, ""),
            Self::Numbers(y) => {
                let (x, y): (Vec<f64>, Vec<f64>) =
                    x.iter().zip(y).filter(|(a, b)| a.is_finite() && b.is_finite()).map(|(a, b)| (*a, *b)).unzip();
                if x.len() < LEAST {
                    return (0.0, "");
                }
                let plain = correlation(&x, &y).abs();
                (plain.max(correlation(&ranks(&x), &ranks(&y)).abs()), "correlation")
            }
        }
    }

    /// How well what a category says of one half of the rows holds for the other half, and back: the share
    /// of errors (classes) or of variance (numbers) that it takes away.
    fn held_out(&self, x: &[u64]) -> (f64, &'static str) {
        let half = |row: usize, side: u64| mix(row as u64) & 1 == side;
        let both: f64 = [0, 1].map(|side| self.half(x, |row| half(row, side))).iter().sum();
        (both / 2.0, "association on held-out rows")
    }

    fn half(&self, x: &[u64], learns: impl Fn(usize) -> bool) -> f64 {
        match self {
            Self::Classes(classes) => {
                let mut seen: HashMap<u64, HashMap<u32, u32>> = HashMap::new();
                let mut all: HashMap<u32, u32> = HashMap::new();
                for (row, (value, class)) in x.iter().zip(classes).enumerate() {
                    if learns(row) {
                        *seen.entry(*value).or_default().entry(*class).or_default() += 1;
                        *all.entry(*class).or_default() += 1;
                    }
                }
                let most = |counts: &HashMap<u32, u32>| {
                    counts
                        .iter()
                        .max_by_key(|(class, n)| (**n, std::cmp::Reverse(**class)))
                        .map_or(0, |(class, _)| *class)
                };
                let usual = most(&all);
                let told: HashMap<u64, u32> = seen.iter().map(|(value, counts)| (*value, most(counts))).collect();
                let (mut wrong, mut wrong_without) = (0u32, 0u32);
                for (row, (value, class)) in x.iter().zip(classes).enumerate() {
                    if !learns(row) {
                        wrong += u32::from(told.get(value).copied().unwrap_or(usual) != *class);
                        wrong_without += u32::from(usual != *class);
                    }
                }
                if wrong_without == 0 { 0.0 } else { 1.0 - f64::from(wrong) / f64::from(wrong_without) }
            }
            Self::Numbers(y) => {
                let mut seen: HashMap<u64, (f64, f64)> = HashMap::new();
                let mut all = (0.0, 0.0);
                for (row, (value, y)) in x.iter().zip(y).enumerate() {
                    if learns(row) && y.is_finite() {
                        let own = seen.entry(*value).or_default();
                        (own.0, own.1) = (own.0 + y, own.1 + 1.0);
                        all = (all.0 + y, all.1 + 1.0);
                    }
                }
                let usual = all.0 / f64::max(all.1, 1.0);
                let (mut left, mut whole) = (0.0, 0.0);
                for (row, (value, y)) in x.iter().zip(y).enumerate() {
                    if !learns(row) && y.is_finite() {
                        let told = seen.get(value).map_or(usual, |(sum, n)| sum / n);
                        left += (y - told) * (y - told);
                        whole += (y - usual) * (y - usual);
                    }
                }
                if whole > 0.0 { 1.0 - left / whole } else { 0.0 }
            }
        }
    }
}

/// Numbers as categories: themselves where they are few, else the bins of their quantiles.
fn bins(x: &[f64]) -> Vec<u64> {
    let mut sorted: Vec<f64> = x.iter().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut distinct = sorted.clone();
    distinct.dedup();
    if distinct.len() <= 2 * BINS {
        return x.iter().map(|v| v.to_bits()).collect();
    }
    let edges: Vec<f64> = (1..BINS).map(|i| sorted[i * sorted.len() / BINS]).collect();
    x.iter().map(|v| if v.is_nan() { u64::MAX } else { edges.partition_point(|edge| edge <= v) as u64 }).collect()
}

/// Ranks from 1, ties sharing their mean; missing values come first.
fn ranks(x: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..x.len()).collect();
    let key = |i: usize| if x[i].is_nan() { f64::NEG_INFINITY } else { x[i] };
    order.sort_unstable_by(|&a, &b| key(a).total_cmp(&key(b)).then(a.cmp(&b)));
    let mut ranks = vec![0.0; x.len()];
    let mut start = 0;
    while start < order.len() {
        let mut end = start + 1;
        while end < order.len() && key(order[end]) == key(order[start]) {
            end += 1;
        }
        let mean = (start + 1 + end) as f64 / 2.0;
        order[start..end].iter().for_each(|&i| ranks[i] = mean);
        start = end;
    }
    ranks
}

/// The area under the ROC curve, by the rank sum; 0.5 where there is one class only.
fn auc(x: &[f64], y: &[f64]) -> f64 {
    let positives: f64 = y.iter().sum();
    let negatives = y.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 {
        return 0.5;
    }
    let sum: f64 = ranks(x).iter().zip(y).map(|(rank, y)| rank * y).sum();
    (sum - positives * (positives + 1.0) / 2.0) / (positives * negatives)
}

fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let n = x.len() as f64;
    let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (a, b) in x.iter().zip(y) {
        xy += (a - mx) * (b - my);
        xx += (a - mx) * (a - mx);
        yy += (b - my) * (b - my);
    }
    if xx > 0.0 && yy > 0.0 { xy / (xx * yy).sqrt() } else { 0.0 }
}

/// Inputs that name their row.
fn identifiers(frame: &Frame) -> Vec<Finding> {
    let finding = |name: &str, what: &str| Finding {
        kind: Leak::Identifier,
        message: format!("`{name}` {what}, and is used as an input; say key = \"{name}\" or leave it out"),
        column: Some(name.to_string()),
        figure: 1.0,
        severity: Severity::Warning,
    };
    let mut findings = Vec::new();
    for (field, column) in inputs(frame) {
        if column.len() < LEAST || column.null_count() > 0 {
            continue;
        }
        if column.data_type().is_integer() {
            let Ok(whole) = cast(column, &DataType::Int64) else { continue };
            let values = whole.as_primitive::<Int64Type>().values();
            let rising = values.windows(2).all(|w| w[0] < w[1]) || values.windows(2).all(|w| w[0] > w[1]);
            let distinct = || values.iter().collect::<HashSet<_>>().len() == values.len();
            if rising {
                findings.push(finding(&field.name, "only rises or only falls from row to row"));
            } else if is_id(&field.name) && distinct() {
                findings.push(finding(&field.name, "differs in every row"));
            }
        } else if let Some(texts) = column.as_string_opt::<i32>() {
            if texts.iter().flatten().all(is_uuid) {
                findings.push(finding(&field.name, "holds UUIDs"));
            } else if texts.iter().flatten().collect::<HashSet<_>>().len() == texts.len() {
                findings.push(finding(&field.name, "differs in every row"));
            }
        }
    }
    findings
}

fn is_uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Rows of the test that also lie in training: the same inputs and the same target.
fn duplicates(frame: &Frame, split: &Split<'_>) -> Result<Option<Finding>> {
    if split.test.is_empty() {
        return Ok(None);
    }
    let mut rows = vec![0u64; frame.rows()];
    for (field, column) in frame.fields().iter().zip(frame.columns()) {
        if let Role::Input | Role::Target = field.role {
            rows.iter_mut().zip(hashes(column)?).for_each(|(row, hash)| *row = mix(*row ^ hash));
        }
    }
    let train: HashSet<u64> = split.train.iter().map(|&r| rows[r as usize]).collect();
    let twice = split.test.iter().filter(|&&r| train.contains(&rows[r as usize])).count();
    let share = twice as f64 / split.test.len() as f64;
    Ok((twice > 0).then(|| Finding {
        kind: Leak::DuplicateRows,
        column: None,
        message: format!(
            "{twice} of {} test rows equal a training row in every input and in the target",
            split.test.len()
        ),
        figure: share,
        severity: if share > 0.01 { Severity::Warning } else { Severity::Note },
    }))
}

/// Groups that lie on both sides.
fn groups(frame: &Frame, split: &Split<'_>) -> Result<Option<Finding>> {
    let Some(group) = frame.role(Role::Group) else { return Ok(None) };
    let groups = hashes(&frame.columns()[group])?;
    let train: HashSet<u64> = split.train.iter().map(|&r| groups[r as usize]).collect();
    let across = split.test.iter().filter(|&&r| train.contains(&groups[r as usize])).count();
    let name = &frame.fields()[group].name;
    Ok((across > 0).then(|| Finding {
        kind: Leak::GroupAcross,
        column: Some(name.clone()),
        message: format!(
            "{across} of {} test rows belong to a group of `{name}` that training has rows of; split by it: \
             [split] kind = \"group\"",
            split.test.len()
        ),
        figure: across as f64 / split.test.len() as f64,
        severity: Severity::Warning,
    }))
}

/// Training rows that happened after test rows.
fn time(frame: &Frame, split: &Split<'_>) -> Result<Option<Finding>> {
    let Some(at) = frame.role(Role::EventTime) else { return Ok(None) };
    let times = numbers(&frame.columns()[at])?;
    let of = |rows: &[u32]| -> Vec<f64> { rows.iter().map(|&r| times[r as usize]).filter(|t| !t.is_nan()).collect() };
    let (train, test) = (of(split.train), of(split.test));
    let Some(last) = train.iter().copied().reduce(f64::max) else { return Ok(None) };
    let before = test.iter().filter(|t| **t < last).count();
    let name = &frame.fields()[at].name;
    Ok((before > 0).then(|| Finding {
        kind: Leak::TimeBackwards,
        column: Some(name.clone()),
        message: match split.in_time {
            true => format!(
                "{before} test rows are earlier in `{name}` than the last training row, though the split is in time"
            ),
            false => format!(
                "training has rows that are later in `{name}` than {before} of {} test rows; a model in use never \
                 has: [split] kind = \"time\"",
                test.len()
            ),
        },
        figure: before as f64 / test.len() as f64,
        severity: if split.in_time { Severity::Severe } else { Severity::Warning },
    }))
}

fn at<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|&row| values[row]).collect()
}

/// A column as numbers, NaN where it is missing; points in time as their ticks.
fn numbers(column: &ArrayRef) -> Result<Vec<f64>> {
    let column = match column.data_type() {
        t if t.is_numeric() => column.clone(),
        t if t.is_temporal() => {
            cast(&cast(column, &DataType::Timestamp(TimeUnit::Microsecond, None))?, &DataType::Int64)?
        }
        _ => return Ok(vec![f64::NAN; column.len()]),
    };
    let wide = cast(&column, &DataType::Float64)?;
    Ok(wide.as_primitive::<Float64Type>().iter().map(|v| v.unwrap_or(f64::NAN)).collect())
}

/// A hash of each value; missing ones are alike.
fn hashes(column: &ArrayRef) -> Result<Vec<u64>> {
    if column.data_type().is_numeric() || column.data_type().is_temporal() {
        return Ok(numbers(column)?.iter().map(|v| mix(if v.is_nan() { u64::MAX } else { v.to_bits() })).collect());
    }
    match cast(column, &DataType::Utf8) {
        Ok(texts) => Ok(texts.as_string::<i32>().iter().map(|t| t.map_or(u64::MAX, hash_of)).collect()),
        Err(_) => Ok(vec![0; column.len()]),
    }
}

/// Codes from 0 in the order of first sight.
fn codes(hashes: &[u64]) -> Vec<u32> {
    let mut seen: HashMap<u64, u32> = HashMap::new();
    hashes
        .iter()
        .map(|hash| {
            let next = seen.len() as u32;
            *seen.entry(*hash).or_insert(next)
        })
        .collect()
}

fn mix(bits: u64) -> u64 {
    let z = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
