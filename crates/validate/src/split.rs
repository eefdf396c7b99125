//! Splits: which rows a model learns from and which it is judged on.
//!
//! Four kinds, each for a hold-out and for folds. *random*: any row anywhere. *stratified*: every class (or
//! quantile of a number) in the same share everywhere, and groups kept together where a column says what
//! belongs together. *group*: no group on both sides. *time*: train before test. All are functions of the
//! frame, the settings and a seed; rows are numbered from 0 and sorted within a part. Sizes and shares are
//! scikit-learn's (`KFold`, `StratifiedKFold`, `GroupKFold`, `StratifiedGroupKFold`, `TimeSeriesSplit`); the
//! draws are our own.

use crate::{group, strata, time};
use arkwright_core::{Error, Field, Frame, Kind, Map, Node, Random, Result, Role, Settings, Value, must, target_of};
use serde::{Deserialize, Serialize};

/// How rows are divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SplitKind {
    /// Any row anywhere.
    Random,
    /// Every class in the same share everywhere; of a number, every quantile.
    #[default]
    Stratified,
    /// No group on both sides.
    Group,
    /// Train before test.
    Time,
}

/// How rows are split: `[split]` in the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Split {
    /// How rows are divided.
    pub kind: SplitKind,
    /// The hold-out: a share of the rows in (0, 1), or a number of rows from 1 on.
    pub test: f64,
    /// Folds of a cross-validation, at least 2.
    pub folds: u32,
    /// The column of groups or of times; by default the one of that role. With `stratified`, a column whose
    /// rows of one value stay together.
    pub by: Option<String>,
    /// With `time`: rows left out between train and test.
    pub gap: u32,
    /// Times the folds are drawn anew; `time`, and folds without `shuffle`, have one order and so come once.
    pub repeats: u32,
    /// Whether rows (or groups) are shuffled first; without, they are taken in order. `time` never shuffles.
    pub shuffle: bool,
    /// With `stratified` and a number as target: how many quantiles are kept in the same share.
    pub strata: u32,
}

impl Default for Split {
    fn default() -> Self {
        Self {
            kind: SplitKind::Stratified,
            test: 0.2,
            folds: 5,
            by: None,
            gap: 0,
            repeats: 1,
            shuffle: true,
            strata: 10,
        }
    }
}

/// Folds, all their repeats together, and strata, at most.
const MOST: u32 = 10_000;

impl Settings for Split {
    fn check(&self) -> Result<(), (&'static str, String)> {
        let whole = self.test >= 1.0 && self.test.fract() == 0.0 && self.test.is_finite();
        if !(whole || self.test > 0.0 && self.test < 1.0) {
            return Err(("test", "is a share of the rows above 0 and below 1, or a number of rows".into()));
        }
        // Each fold holds the number of every row, and each stratum its own: these bound what they take together.
        must::be_within("folds", self.folds.into(), 2.0, MOST.into())?;
        must::be_within("repeats", self.repeats.into(), 1.0, MOST.into())?;
        must::be_within("strata", self.strata.into(), 1.0, MOST.into())?;
        if u64::from(self.folds) * u64::from(self.repeats) > MOST.into() {
            return Err(("repeats", format!("times `folds` must be at most {MOST}")));
        }
        if self.by.is_some() && self.kind == SplitKind::Random {
            return Err(("by", "needs `kind = \"group\"`, `\"time\"` or `\"stratified\"`".into()));
        }
        if self.gap > 0 && self.kind != SplitKind::Time {
            return Err(("gap", "needs `kind = \"time\"`".into()));
        }
        Ok(())
    }
}

impl Split {
    /// The split in a composer's table, taken out of it.
    ///
    /// # Errors
    /// When `split` is no table, or one of wrong settings.
    pub fn take(map: &mut Map) -> Result<Option<Self>> {
        match map.take("split") {
            Some(Value { node: Node::Map(split), .. }) => Self::read(split).map(Some),
            Some(other) => Err(Error::setting("`split` is a table").at_place(other.span)),
            None => Ok(None),
        }
    }

    /// The split that suits a table where nobody names one: groups stay together, times stay in order, classes
    /// keep their shares, numbers are divided at random.
    ///
    /// # Errors
    /// When there is no target, or more than one.
    pub fn for_target(fields: &[Field]) -> Result<Self> {
        let target = target_of(fields)?;
        let has = |role| fields.iter().any(|f| f.role == role);
        let kind = match target.kind {
            _ if has(Role::EventTime) => SplitKind::Time,
            Kind::Category => SplitKind::Stratified,
            _ if has(Role::Group) => SplitKind::Group,
            _ => SplitKind::Random,
        };
        Ok(Self { kind, ..Self::default() })
    }

    /// The number of test rows of a hold-out of `rows`; a share is rounded up.
    fn test_rows(&self, rows: usize) -> Result<usize> {
        let test = match self.test < 1.0 {
            true => (self.test * rows as f64).ceil() as usize,
            false => self.test as usize,
        };
        match test >= 1 && test < rows {
            true => Ok(test),
            false => {
                Err(Error::data(format!("a hold-out of {test} of {rows} rows leaves nothing to learn from or to test"))
                    .with_hint("bring more rows, or set `test` under [split]"))
            }
        }
    }

    /// Checks settings that may have come from code rather than from the file.
    fn sound(&self) -> Result<()> {
        self.check().map_err(|(key, what)| Error::setting(format!("`{key}` {what}")))
    }
}

/// The rows of one fold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fold {
    /// Rows to learn from, ascending.
    pub train: Vec<u32>,
    /// Rows to be judged on, ascending.
    pub test: Vec<u32>,
}

/// What a split needs to know of each row.
enum Rows {
    /// Any row anywhere.
    Alike(usize),
    /// A stratum a row.
    Strata(Vec<u32>),
    /// A group a row.
    Groups(Vec<u32>),
    /// A group and a stratum a row.
    GroupedStrata { groups: Vec<u32>, strata: Vec<u32> },
    /// Rows in the order of time.
    Ordered(time::Order),
}

impl Rows {
    fn of(frame: &Frame, split: &Split) -> Result<Self> {
        split.sound()?;
        if frame.rows() > u32::MAX as usize {
            return Err(Error::data(format!("{} rows are more than can be split in memory", frame.rows())));
        }
        Ok(match split.kind {
            SplitKind::Random => Self::Alike(frame.rows()),
            SplitKind::Group => Self::Groups(frame.codes(place(frame, split, Role::Group, "group")?, 0)?),
            SplitKind::Time => Self::Ordered(time::order(frame, place(frame, split, Role::EventTime, "time")?)?),
            SplitKind::Stratified => {
                let strata = strata::codes(frame, split.strata)?;
                match split.by.is_some() || frame.role(Role::Group).is_some() {
                    true => {
                        let groups = frame.codes(place(frame, split, Role::Group, "group")?, 0)?;
                        Self::GroupedStrata { groups, strata }
                    }
                    false => Self::Strata(strata),
                }
            }
        })
    }
}

/// Where the column stands that a split goes by.
fn place(frame: &Frame, split: &Split, role: Role, key: &str) -> Result<usize> {
    match &split.by {
        Some(name) => {
            frame.column(name)?;
            frame.position(name).ok_or_else(|| Error::column(name, "there is no such column"))
        }
        None => frame.role(role).ok_or_else(|| {
            Error::setting(format!("this split needs a column to go by, and no column is the {key}"))
                .with_hint(format!("by = \"COLUMN\" under [split], or {key} = \"COLUMN\" under [data]"))
        }),
    }
}

/// Splits the rows once: `(train, test)`, ascending.
///
/// # Errors
/// Too few rows or groups, a column to go by that is missing or has missing values, or impossible settings.
pub fn hold_out(frame: &Frame, split: &Split, seed: u64) -> Result<(Vec<u32>, Vec<u32>)> {
    let rows = Rows::of(frame, split)?;
    let wanted = split.test_rows(frame.rows())?;
    let mut random = split.shuffle.then(|| Random::new(seed, "hold-out"));
    let test = match rows {
        Rows::Alike(n) => {
            let mut order: Vec<u32> = (0..n as u32).collect();
            if let Some(random) = &mut random {
                random.shuffle(&mut order);
            }
            order.split_off(n - wanted)
        }
        Rows::Strata(strata) => match strata::hold_out(&strata, wanted, random.as_mut()) {
            test if test.is_empty() => {
                return Err(Error::data("every class has one row only: none can be both learnt from and tested")
                    .with_hint("bring more rows of each class, or set kind = \"random\" under [split]"));
            }
            test => test,
        },
        Rows::Groups(groups) => group::hold_out(&groups, wanted, random.as_mut())?,
        Rows::GroupedStrata { groups, strata } => {
            group::stratified_hold_out(&groups, &strata, wanted, random.as_mut())?
        }
        Rows::Ordered(order) => {
            let fold = order.hold_out(wanted, split.gap as usize)?;
            return Ok((fold.train, fold.test));
        }
    };
    let fold = fold_of(frame.rows(), test);
    Ok((fold.train, fold.test))
}

/// Splits the rows into folds: each row is tested once a repeat. With `time`, fold i learns from all rows
/// before its own and the first rows are never tested.
///
/// # Errors
/// As [`hold_out`].
pub fn folds(frame: &Frame, split: &Split, seed: u64) -> Result<Vec<Fold>> {
    let rows = Rows::of(frame, split)?;
    let (n, k) = (frame.rows(), split.folds as usize);
    if n < k {
        return Err(
            Error::data(format!("{n} rows cannot make {k} folds")).with_hint("bring more rows, or set fewer `folds`")
        );
    }
    if let Rows::Ordered(order) = &rows {
        return order.folds(k, split.gap as usize);
    }
    // Without shuffling every repeat would be the same.
    let repeats = if split.shuffle { split.repeats } else { 1 };
    let mut all = Vec::with_capacity(k * repeats as usize);
    for repeat in 0..repeats {
        let mut random = split.shuffle.then(|| Random::new(seed, &format!("folds {repeat}")));
        let assigned = match &rows {
            Rows::Alike(n) => in_blocks(*n, k, random.as_mut()),
            Rows::Strata(strata) => strata::folds(strata, k, random.as_mut()),
            Rows::Groups(groups) => group::folds(groups, k, random.as_mut())?,
            Rows::GroupedStrata { groups, strata } => group::stratified_folds(groups, strata, k, random.as_mut())?,
            Rows::Ordered(_) => Vec::new(),
        };
        all.extend(from_assigned(&assigned, k)?);
    }
    Ok(all)
}

/// What a user should know before such a split is made: classes with fewer rows than folds.
///
/// # Errors
/// When the target cannot be read.
pub fn remarks(frame: &Frame, split: &Split) -> Result<Vec<String>> {
    let Ok(target) = target_of(frame.fields()) else { return Ok(Vec::new()) };
    if split.kind != SplitKind::Stratified || target.kind != Kind::Category {
        return Ok(Vec::new());
    }
    let at = frame.position(&target.name).unwrap_or_default();
    let mut counts = std::collections::BTreeMap::new();
    for class in frame.texts(at)?.iter().flatten() {
        *counts.entry(class.to_string()).or_insert(0u32) += 1;
    }
    let rare = counts.iter().filter(|(_, count)| **count < split.folds);
    Ok(rare
        .map(|(class, count)| {
            let rows = if *count == 1 { "row" } else { "rows" };
            format!(
                "class `{class}` has {count} {rows}, fewer than the {} folds: some folds have none to test",
                split.folds
            )
        })
        .collect())
}

/// A fold for each row: blocks of (nearly) one size, the first ones the greater.
fn in_blocks(rows: usize, k: usize, random: Option<&mut Random>) -> Vec<u32> {
    let mut order: Vec<u32> = (0..rows as u32).collect();
    if let Some(random) = random {
        random.shuffle(&mut order);
    }
    let mut assigned = vec![0; rows];
    let (size, rest) = (rows / k, rows % k);
    let mut start = 0;
    for fold in 0..k {
        let end = start + size + usize::from(fold < rest);
        order[start..end].iter().for_each(|&row| assigned[row as usize] = fold as u32);
        start = end;
    }
    assigned
}

fn from_assigned(assigned: &[u32], k: usize) -> Result<Vec<Fold>> {
    (0..k as u32)
        .map(|fold| {
            let (test, train): (Vec<u32>, Vec<u32>) =
                (0..assigned.len() as u32).partition(|&row| assigned[row as usize] == fold);
            match test.is_empty() || train.is_empty() {
                true => {
                    Err(Error::data(format!("fold {} of {k} has no rows", fold + 1)).with_hint("set fewer `folds`"))
                }
                false => Ok(Fold { train, test }),
            }
        })
        .collect()
}

fn fold_of(rows: usize, mut test: Vec<u32>) -> Fold {
    test.sort_unstable();
    let mut tested = vec![false; rows];
    test.iter().for_each(|&row| tested[row as usize] = true);
    Fold { train: (0..rows as u32).filter(|&row| !tested[row as usize]).collect(), test }
}
