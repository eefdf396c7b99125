//! Cox's partial likelihood: who of those still there ends next.
//!
//! The raw answer is the logarithm of a row's hazard against the others', constant in time. At each time at
//! which ends were seen, the likelihood is that of these rows among all still there; with `r = exp(raw)` and
//! S the sum of r over those, minus its logarithm is `log S - raw` for an end alone. Ends at one time share
//! the terms `log(S - c D)`, where D is the ends' own sum of r: c is 0 for each (Breslow 1974), or 0, 1/d,
//! 2/d ... for d ends (Efron 1977), nearer to what unrounded times would give. Rows censored at a time are
//! still there at it. Sorted once; a round is O(n). Ratios of hazards leave the base open: it is 0.

use super::super::node::Link;
use super::whole::Whole;
use arkwright_core::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How ends at one time are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CoxTies {
    /// As if each came while all the others were still there.
    Breslow,
    /// As if they came one after the other in any order.
    #[default]
    Efron,
}

pub(super) struct Cox<'a> {
    /// Rows that count, earliest first; of one time those whose end was seen first.
    order: Vec<u32>,
    /// For each time: how many rows have it, and of how many the end was seen.
    times: Vec<(u32, u32)>,
    weight: Option<&'a [f64]>,
    ties: CoxTies,
}

/// What rows still there get of the terms of past times, and the rows of one time of its own.
#[derive(Clone, Copy, Default)]
struct Terms {
    first: f64,
    second: f64,
}

impl<'a> Cox<'a> {
    pub(super) fn new(time: &[f64], upper: &[f64], weight: Option<&'a [f64]>, ties: CoxTies) -> Result<Self> {
        let mut order: Vec<u32> =
            (0..time.len() as u32).filter(|&r| weight.is_none_or(|w| w[r as usize] > 0.0)).collect();
        let seen = |row: u32| upper[row as usize] == time[row as usize];
        if order.iter().any(|&row| !seen(row) && upper[row as usize] < f64::INFINITY) {
            return Err(Error::data(
                "`cox` knows ends that were seen and ends that are to come, not ends between two times",
            )
            .with_hint("use loss = \"aft\""));
        }
        if !order.iter().any(|&row| seen(row)) {
            return Err(Error::data("no row's end was seen, so there is no order of ends to learn")
                .with_hint("the event column is 1 where the end was seen"));
        }
        let key = |row: u32| (time[row as usize] + 0.0, !seen(row));
        order.sort_by(|&a, &b| key(a).0.total_cmp(&key(b).0).then(key(a).1.cmp(&key(b).1)));
        let same = order.chunk_by(|&a, &b| key(a).0 == key(b).0);
        let times = same.map(|rows| (rows.len() as u32, rows.iter().filter(|&&r| seen(r)).count() as u32)).collect();
        Ok(Self { order, times, weight, ties })
    }

    fn weight(&self, row: u32) -> f64 {
        self.weight.map_or(1.0, |w| w[row as usize])
    }

    /// The hazard of each row in its order, times its weight and a constant.
    fn hazards(&self, raw: &[f64]) -> (Vec<f64>, f64) {
        let top = self.order.iter().map(|&row| raw[row as usize]).fold(f64::NEG_INFINITY, f64::max);
        let of = |&row: &u32| self.weight(row) * libm::exp(raw[row as usize] - top);
        (self.order.iter().map(of).collect(), top)
    }

    /// Calls `each(rows of a time in their order, ends among them, S, D, weight of an end)`, earliest first.
    fn walk(&self, hazards: &[f64], mut each: impl FnMut(std::ops::Range<usize>, usize, f64, f64, f64)) {
        // From the last on, so that the sum over those still there grows and loses nothing.
        let mut still = vec![0.0; self.times.len()];
        let (mut sum, mut end) = (0.0, self.order.len());
        for (still, (rows, _)) in still.iter_mut().zip(&self.times).rev() {
            let start = end - *rows as usize;
            sum += hazards[start..end].iter().sum::<f64>();
            (*still, end) = (sum, start);
        }
        let mut start = 0;
        for (&(rows, ends), still) in self.times.iter().zip(still) {
            let (rows, ends) = (start..start + rows as usize, ends as usize);
            start = rows.end;
            let own: f64 = hazards[rows.start..rows.start + ends].iter().sum();
            let weights: f64 = self.order[rows.start..rows.start + ends].iter().map(|&row| self.weight(row)).sum();
            each(rows, ends, still, own, weights / ends.max(1) as f64);
        }
    }

    /// The share of the ends at a time that has gone when another of them comes.
    fn gone(&self, one: usize, ends: usize) -> f64 {
        match self.ties {
            CoxTies::Breslow => 0.0,
            CoxTies::Efron => one as f64 / ends as f64,
        }
    }
}

impl Whole for Cox<'_> {
    fn name(&self) -> &str {
        "cox"
    }

    fn link(&self) -> Link {
        Link::Exp
    }

    fn gradients(&self, raw: &[f64], gradient: &mut [f64], hessian: &mut [f64]) {
        let (hazards, _) = self.hazards(raw);
        let mut past = Terms::default();
        self.walk(&hazards, |rows, ends, still, own, weight| {
            let (mut all, mut ending) = (past, past);
            for one in 0..ends {
                let gone = self.gone(one, ends);
                let (term, left) = (1.0 / (still - gone * own), 1.0 - gone);
                all.first += weight * term;
                all.second += weight * term * term;
                ending.first += weight * left * term;
                ending.second += weight * left * left * term * term;
            }
            for at in rows.clone() {
                let (row, is_end) = (self.order[at], at < rows.start + ends);
                let (terms, r) = (if is_end { ending } else { all }, hazards[at]);
                let own = if is_end { self.weight(row) } else { 0.0 };
                gradient[row as usize] = r * terms.first - own;
                hessian[row as usize] = (r * terms.first - r * r * terms.second).max(0.0);
            }
            past = all;
        });
    }

    /// Minus the logarithm of the partial likelihood, an end.
    fn loss(&self, raw: &[f64]) -> f64 {
        let (hazards, top) = self.hazards(raw);
        let (mut sum, mut total) = (0.0, 0.0);
        self.walk(&hazards, |rows, ends, still, own, weight| {
            for one in 0..ends {
                sum += weight * (libm::log(still - self.gone(one, ends) * own) + top);
            }
            for &row in &self.order[rows.start..rows.start + ends] {
                sum -= self.weight(row) * raw[row as usize];
                total += self.weight(row);
            }
        });
        sum / total
    }
}
