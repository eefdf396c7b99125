//! Are the best rows of each list first? Rankings of rows that belong together: the answers to a query.
//!
//! A list's measure is taken by itself and then averaged over the lists, each counting as its rows weigh on
//! average. Rows of equal score have no order, so each measure is the mean over all their orders (NDCG,
//! reciprocal rank), or passes them together (average precision). Lists without a relevant row are left out:
//! there is no right order of them.
//!
//! NDCG is the discounted gain `sum gain / log2(1 + place)` in the order of the scores, divided by that of the
//! best order (Järvelin and Kekäläinen, 2002). A gain is `2^relevance - 1`, as in LightGBM and XGBoost;
//! scikit-learn's `ndcg_score` takes the relevance itself.

use crate::{Error, Result, input, regression};

/// Rows by the list that they belong to.
#[derive(Debug, Clone, PartialEq)]
pub struct Lists {
    rows: Vec<u32>,
    /// One past the last row of each list.
    ends: Vec<u32>,
}

impl Lists {
    /// The lists of rows with equal codes (n), in the codes' order, the rows in theirs; rows for which `keep`
    /// does not hold are in none.
    pub fn new(codes: &[u32], keep: impl Fn(usize) -> bool) -> Self {
        let mut rows: Vec<u32> = (0..codes.len() as u32).filter(|&row| keep(row as usize)).collect();
        rows.sort_by_key(|&row| codes[row as usize]);
        let code = |at: usize| codes[rows[at] as usize];
        let ends = (1..=rows.len()).filter(|&at| at == rows.len() || code(at) != code(at - 1));
        let ends = ends.map(|at| at as u32).collect();
        Self { rows, ends }
    }

    /// The number of lists.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no list.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The rows of each list.
    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.rows[start as usize..end as usize])
    }
}

/// What is asked of a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Ask {
    /// NDCG of so many first places; of all where absent.
    Ndcg(Option<usize>),
    AveragePrecision,
    ReciprocalRank,
}

/// The gain of a row of a relevance.
#[must_use]
pub fn gain(relevance: f64) -> f64 {
    libm::exp2(relevance) - 1.0
}

/// What a gain counts at a place, from 0 on.
#[must_use]
pub fn discount(place: usize) -> f64 {
    1.0 / libm::log2(place as f64 + 2.0)
}

/// The discounted gain of the best order of a list, its first `k` places counting.
pub fn ideal(relevance: impl Iterator<Item = f64>, k: usize) -> f64 {
    let mut best: Vec<f64> = relevance.collect();
    best.sort_unstable_by(|a, b| b.total_cmp(a));
    best.iter().take(k).enumerate().map(|(place, &r)| gain(r) * discount(place)).sum()
}

/// The measure of each list; `None` where no row of it is relevant.
pub(crate) fn of_each(ask: Ask, lists: &Lists, relevance: &[f64], score: &[f64]) -> Result<Vec<Option<f64>>> {
    regression::check(relevance, score)?;
    if let Some(row) = relevance.iter().position(|&r| r < 0.0) {
        let value = relevance[row];
        return Err(Error::Domain { measure: "a ranking", what: "relevance", row, value, needs: "at least 0" });
    }
    let mut list: Vec<(f64, f64)> = Vec::new();
    let of = |rows: &[u32]| {
        list.clear();
        list.extend(rows.iter().map(|&row| (score[row as usize] + 0.0, relevance[row as usize])));
        list.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        of_one(ask, &list)
    };
    Ok(lists.iter().map(of).collect())
}

/// The measure of a list of scores, falling, and relevances.
fn of_one(ask: Ask, list: &[(f64, f64)]) -> Option<f64> {
    if list.iter().all(|(_, relevance)| *relevance == 0.0) {
        return None;
    }
    let mut start = 0;
    let equals = list.chunk_by(|a, b| a.0 == b.0).map(|equal| {
        start += equal.len();
        (start - equal.len(), equal)
    });
    match ask {
        Ask::Ndcg(k) => {
            let k = k.unwrap_or(list.len());
            let of = |(start, equal): (usize, &[(f64, f64)])| {
                let mean = equal.iter().map(|(_, r)| gain(*r)).sum::<f64>() / equal.len() as f64;
                (start..(start + equal.len()).min(k)).map(|place| mean * discount(place)).sum::<f64>()
            };
            Some(equals.map(of).sum::<f64>() / ideal(list.iter().map(|(_, r)| *r), k))
        }
        Ask::AveragePrecision => {
            let (mut sum, mut found) = (0.0, 0);
            for (start, equal) in equals {
                let new = relevant(equal);
                found += new;
                sum += new as f64 * found as f64 / (start + equal.len()) as f64;
            }
            Some(sum / found as f64)
        }
        Ask::ReciprocalRank => {
            equals.map(|(start, equal)| first(start, equal.len(), relevant(equal))).find(|r| *r > 0.0)
        }
    }
}

fn relevant(rows: &[(f64, f64)]) -> usize {
    rows.iter().filter(|(_, relevance)| *relevance > 0.0).count()
}

/// The mean of 1 / place of the first of `relevant` rows among `rows` in any order after `start` others.
fn first(start: usize, rows: usize, relevant: usize) -> f64 {
    // The share of the orders in which none has come yet.
    let mut none = 1.0;
    (0..=rows - relevant)
        .map(|i| {
            let now = none * relevant as f64 / (rows - i) as f64;
            none -= now;
            now / (start + i + 1) as f64
        })
        .sum()
}

/// The mean over the lists, each weighing as its rows do on average; `None` where no list counts.
pub(crate) fn mean(lists: &Lists, of_each: &[Option<f64>], weight: impl Fn(usize) -> f64) -> Option<f64> {
    let (mut sum, mut total) = (0.0, 0.0);
    for (rows, value) in lists.iter().zip(of_each) {
        let Some(value) = value else { continue };
        let w = rows.iter().map(|&row| weight(row as usize)).sum::<f64>() / rows.len() as f64;
        sum += w * value;
        total += w;
    }
    (total > 0.0).then(|| sum / total)
}

fn measured(
    ask: Ask,
    measure: &'static str,
    relevance: &[f64],
    score: &[f64],
    group: &[u32],
    weight: Option<&[f64]>,
) -> Result<f64> {
    input::length("group", relevance.len(), group.len())?;
    input::weights(weight, relevance.len())?;
    let lists = Lists::new(group, |_| true);
    let of_each = of_each(ask, &lists, relevance, score)?;
    mean(&lists, &of_each, input::weigh(weight)).ok_or(Error::NoPairs { measure })
}

/// The mean normalised discounted cumulative gain of `score` (n) for `relevance` (n, at least 0) in lists of
/// equal `group` (n); the first `k` places count, or all.
///
/// # Errors
/// Differing lengths, a relevance below 0, a score that is not finite, impossible weights, or no list with a
/// relevant row.
pub fn ndcg(relevance: &[f64], score: &[f64], group: &[u32], k: Option<usize>, weight: Option<&[f64]>) -> Result<f64> {
    measured(Ask::Ndcg(k), "ndcg", relevance, score, group, weight)
}

/// The mean over the lists of their average precision; a relevance above 0 is relevant.
///
/// # Errors
/// As [`ndcg`].
pub fn mean_average_precision(relevance: &[f64], score: &[f64], group: &[u32], weight: Option<&[f64]>) -> Result<f64> {
    measured(Ask::AveragePrecision, "map", relevance, score, group, weight)
}

/// The mean over the lists of 1 / the place of the first relevant row.
///
/// # Errors
/// As [`ndcg`].
pub fn mean_reciprocal_rank(relevance: &[f64], score: &[f64], group: &[u32], weight: Option<&[f64]>) -> Result<f64> {
    measured(Ask::ReciprocalRank, "mrr", relevance, score, group, weight)
}
