//! From the values of a category to the codes of its fitted levels.
//!
//! A category is text in any of Arrow's spellings, a dictionary of it, a boolean or a whole number; the
//! last two are spelt as text. A dictionary's own codes mean nothing outside their batch, and it may
//! hold values that no row uses, so only the values of rows count.

use arkwright_core::{Cell, Context, Error, Frame, Result};
use arrow::array::{Array, ArrayRef, AsArray, UInt32Array};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// The level of the values that were too rare to have one of their own.
pub(super) const OTHER: &str = "(other)";
/// The level of missing values, where they have one.
pub(super) const ABSENT: &str = "(missing)";

/// How often each value of a column came.
#[derive(Default)]
pub(super) struct Counts {
    values: HashMap<String, u64>,
    missing: u64,
    bytes: u64,
}

/// Which values get a level of their own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub min_frequency: u64,
    pub max_levels: usize,
    pub missing_level: bool,
}

impl Counts {
    /// Counts the values of a column.
    pub fn see(&mut self, frame: &Frame, i: usize, ctx: &Context) -> Result<()> {
        let array = &frame.columns()[i];
        if let Some((keys, values)) = dictionary(array) {
            let mut used = vec![0; values.len()];
            for row in 0..array.len() {
                match keys(row) {
                    Some(key) => used[key] += 1,
                    None => self.missing += 1,
                }
            }
            each(&values, &frame.fields()[i].name, |value, text| match text {
                _ if used[value] == 0 => {}
                Some(text) => self.add(text, used[value]),
                None => self.missing += used[value],
            })?;
        } else {
            each(array, &frame.fields()[i].name, |_, text| match text {
                Some(text) => self.add(text, 1),
                None => self.missing += 1,
            })?;
        }
        ctx.allow("the distinct values of a category", self.bytes)
    }

    fn add(&mut self, text: &str, times: u64) {
        match self.values.get_mut(text) {
            Some(count) => *count += times,
            None => {
                self.bytes += 64 + text.len() as u64;
                self.values.insert(text.to_string(), times);
            }
        }
    }

    /// The levels: the most frequent values in sort order, then [`OTHER`] and [`ABSENT`] where they are
    /// needed; no more than `max_levels` in all.
    pub fn levels(self, limits: Limits) -> Known {
        let absent = limits.missing_level && self.missing > 0;
        let room = limits.max_levels.saturating_sub(usize::from(absent));
        let all = self.values.len();
        let mut kept: Vec<(String, u64)> =
            self.values.into_iter().filter(|(_, count)| *count >= limits.min_frequency).collect();
        kept.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let pooled = kept.len() < all || kept.len() > room;
        if pooled {
            kept.truncate(room.saturating_sub(1));
        }
        let mut levels: Vec<String> = kept.into_iter().map(|(text, _)| text).collect();
        levels.sort_unstable();
        // A value that is spelt like one of these two shares its level.
        let mut special = |name: &str| {
            let at = levels.iter().position(|level| level == name).unwrap_or_else(|| {
                levels.push(name.to_string());
                levels.len() - 1
            });
            at as u32
        };
        let (other, absent) = (pooled.then(|| special(OTHER)), absent.then(|| special(ABSENT)));
        Known { levels: levels.into(), other, absent }
    }
}

/// Fitted levels, as they are saved.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Known {
    /// The levels in the order of their codes.
    pub levels: Arc<[String]>,
    /// The code of what is rare or unseen, if that has one.
    pub other: Option<u32>,
    /// The code of what is missing, if that has one.
    pub absent: Option<u32>,
}

/// Fitted levels, ready to be looked up.
#[derive(Clone, Debug)]
pub(super) struct Lookup {
    pub known: Known,
    codes: HashMap<String, u32>,
}

impl Lookup {
    /// A look-up of levels; `None` when a level comes twice or a code is none of a level.
    pub fn new(known: Known) -> Option<Self> {
        let codes: HashMap<String, u32> = known.levels.iter().cloned().zip(0..).collect();
        let beyond = known.other.into_iter().chain(known.absent).any(|code| code as usize >= known.levels.len());
        (codes.len() == known.levels.len() && !beyond).then_some(Self { known, codes })
    }

    /// The number of levels.
    pub fn len(&self) -> usize {
        self.known.levels.len()
    }

    fn code(&self, text: Option<&str>) -> Option<u32> {
        match text {
            Some(text) => self.codes.get(text).copied().or(self.known.other),
            None => self.known.absent,
        }
    }

    /// As [`Lookup::codes`], of one cell; `None` where it is no category.
    pub fn cell(&self, cell: Cell<'_>) -> Option<Option<u32>> {
        match cell {
            Cell::Text(text) => Some(self.code(Some(text))),
            Cell::Missing => Some(self.code(None)),
            _ => None,
        }
    }

    /// The codes of a column's values; `None` for what is missing or unseen and has no level.
    pub fn codes(&self, frame: &Frame, i: usize) -> Result<Vec<Option<u32>>> {
        let (array, name) = (&frame.columns()[i], &frame.fields()[i].name);
        let mut codes = Vec::with_capacity(array.len());
        match dictionary(array) {
            // Each value of a dictionary is looked up once, unless there are more of them than rows.
            Some((keys, values)) if values.len() <= array.len() => {
                let mut of = Vec::with_capacity(values.len());
                each(&values, name, |_, text| of.push(self.code(text)))?;
                codes.extend((0..array.len()).map(|row| keys(row).map_or(self.known.absent, |key| of[key])));
            }
            _ => each(array, name, |_, text| codes.push(self.code(text)))?,
        }
        Ok(codes)
    }

    /// As [`Lookup::codes`], as an array.
    pub fn array(&self, frame: &Frame, i: usize) -> Result<UInt32Array> {
        Ok(UInt32Array::from(self.codes(frame, i)?))
    }
}

/// Calls `then` with each row's number and text.
fn each(array: &ArrayRef, name: &str, mut then: impl FnMut(usize, Option<&str>)) -> Result<()> {
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().iter().enumerate().for_each(|(i, text)| then(i, text)),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().enumerate().for_each(|(i, text)| then(i, text)),
        DataType::Utf8View => array.as_string_view().iter().enumerate().for_each(|(i, text)| then(i, text)),
        _ => {
            let text = cast(array, &DataType::Utf8).map_err(|e| Error::column(name, e.to_string()))?;
            text.as_string::<i32>().iter().enumerate().for_each(|(i, text)| then(i, text));
        }
    }
    Ok(())
}

type Keys<'a> = Box<dyn Fn(usize) -> Option<usize> + 'a>;

/// The key of each row of a dictionary, and its values.
fn dictionary(array: &ArrayRef) -> Option<(Keys<'_>, ArrayRef)> {
    let DataType::Dictionary(key, _) = array.data_type() else { return None };
    macro_rules! keys {
        ($($variant:ident $type:ty),*) => {
            match key.as_ref() {
                $(DataType::$variant => {
                    let of = array.as_dictionary::<$type>();
                    Some((Box::new(move |row| of.key(row)) as Keys<'_>, of.values().clone()))
                })*
                _ => None,
            }
        };
    }
    keys!(
        Int8 Int8Type, Int16 Int16Type, Int32 Int32Type, Int64 Int64Type,
        UInt8 UInt8Type, UInt16 UInt16Type, UInt32 UInt32Type, UInt64 UInt64Type
    )
}
