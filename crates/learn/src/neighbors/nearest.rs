//! What a search has found so far: the k nearest rows, or all within a radius.

/// A row and its reduced distance from what was asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Near {
    pub distance: f64,
    pub row: u32,
}

impl Near {
    fn before(&self, other: &Self) -> bool {
        self.distance < other.distance || (self.distance == other.distance && self.row < other.row)
    }
}

/// What a search is to find.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wanted {
    /// The k nearest rows; of equally far ones the first.
    Nearest(usize),
    /// All rows up to a reduced distance.
    Within(f64),
}

/// The rows found for one query. Which they are does not depend on the order in which rows are offered.
pub(super) struct Found {
    wanted: Wanted,
    near: Vec<Near>,
}

impl Found {
    pub fn new(wanted: Wanted) -> Self {
        let room = if let Wanted::Nearest(k) = wanted { k + 1 } else { 0 };
        Self { wanted, near: Vec::with_capacity(room) }
    }

    /// Rows farther than this need not be offered.
    pub fn limit(&self) -> f64 {
        match self.wanted {
            Wanted::Nearest(k) if self.near.len() < k => f64::INFINITY,
            Wanted::Nearest(_) => self.near.last().map_or(f64::NEG_INFINITY, |last| last.distance),
            Wanted::Within(radius) => radius,
        }
    }

    /// Takes a row if it is among those wanted; a distance that is no number is not.
    pub fn offer(&mut self, row: usize, distance: f64) {
        let new = Near { distance, row: row as u32 };
        match self.wanted {
            Wanted::Within(radius) if distance <= radius => self.near.push(new),
            Wanted::Nearest(k) if distance <= self.limit() => {
                let at = self.near.partition_point(|near| near.before(&new));
                self.near.insert(at, new);
                self.near.truncate(k);
            }
            _ => {}
        }
    }

    /// The rows: the nearest first, or within a radius in their own order.
    pub fn done(mut self) -> Vec<Near> {
        if let Wanted::Within(_) = self.wanted {
            self.near.sort_unstable_by_key(|near| near.row);
        }
        self.near
    }
}
