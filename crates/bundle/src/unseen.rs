//! Values that training never saw.
//!
//! A category that is new to a model is answered all the same, as whatever its steps make of an unknown level, and
//! so is `yes` where training had `true`. Neither is an error, and nobody should have to guess it from the
//! answers: the door counts them by column.

use crate::request::Request;
use crate::row::Answer;
use arkwright_core::{Cell, Frame, Result};
use std::collections::BTreeMap;

/// Values that are told apart in a column; further ones count in the rows alone.
const APART: usize = 1_000;

/// Values that are shown.
const SHOWN: usize = 3;

/// How many rows hold values that training never saw, by column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unseen {
    /// The columns that have some.
    pub columns: BTreeMap<String, UnseenColumn>,
}

/// The values of a column that training never saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnseenColumn {
    /// The rows that hold one.
    pub rows: u64,
    /// The rows of each value: of the first thousand.
    pub values: BTreeMap<String, u64>,
}

impl UnseenColumn {
    fn add(&mut self, value: &str, rows: u64) {
        self.rows += rows;
        if let Some(count) = self.values.get_mut(value) {
            *count += rows;
        } else if self.values.len() < APART {
            self.values.insert(value.to_string(), rows);
        }
    }
}

impl Unseen {
    /// Adds what other rows hold.
    pub fn merge(&mut self, other: &Self) {
        for (name, column) in &other.columns {
            let own = self.columns.entry(name.clone()).or_default();
            column.values.iter().for_each(|(value, rows)| own.add(value, *rows));
            own.rows += column.rows - column.values.values().sum::<u64>();
        }
    }

    /// A sentence a column: ``column `city`: 12 rows hold a value never seen in training: `foo` (10), `bar` (2)``.
    pub fn told(&self) -> Vec<String> {
        self.columns.iter().map(|(name, column)| column.told(name)).collect()
    }
}

impl UnseenColumn {
    fn told(&self, name: &str) -> String {
        let mut most: Vec<(&String, u64)> = self.values.iter().map(|(value, rows)| (value, *rows)).collect();
        most.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
        let brief = crate::conform::brief;
        let shown: Vec<String> = most.iter().take(SHOWN).map(|(v, rows)| format!("`{}` ({rows})", brief(v))).collect();
        let more = if most.len() > SHOWN { ", ..." } else { "" };
        let rows = if self.rows == 1 { "1 row holds".to_string() } else { format!("{} rows hold", self.rows) };
        format!("column `{name}`: {rows} a value never seen in training: {}{more}", shown.join(", "))
    }
}

impl Request {
    /// What in a frame of this request training never saw. Columns whose values are not known have nothing to
    /// tell, and missing values are none.
    ///
    /// # Errors
    /// When the frame holds a category as something else than text.
    pub fn unseen(&self, frame: &Frame) -> Result<Unseen> {
        let mut unseen = Unseen::default();
        for (field, seen) in self.all.iter().zip(self.seen.iter()) {
            let (Some(seen), Some(at)) = (seen, frame.position(&field.name)) else { continue };
            let mut column = UnseenColumn::default();
            frame.texts(at)?.iter().flatten().filter(|v| !seen.contains(*v)).for_each(|v| column.add(v, 1));
            if column.rows > 0 {
                unseen.columns.insert(field.name.clone(), column);
            }
        }
        Ok(unseen)
    }
}

impl Answer<'_> {
    /// The places of the request's columns that hold a value which training never saw.
    pub fn unseen(&self) -> impl Iterator<Item = usize> {
        let columns = self.request.seen.iter().zip(&self.row.cells).enumerate();
        columns.filter_map(|(place, (seen, cell))| match (seen, cell) {
            (Some(seen), Cell::Text(value)) if !seen.contains(*value) => Some(place),
            _ => None,
        })
    }
}
