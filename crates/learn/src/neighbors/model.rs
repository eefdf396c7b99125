//! The fitted model of neighbours: the rows themselves, and what is known of each.
//!
//! A query is answered by the rows near to it. Each has a vote: 1, or one over its distance, times its own weight;
//! rows at distance zero outvote all others. The answer is the share of the votes of each class, or the mean of the
//! values as they are voted for. Where nobody is near (only with a radius) it is the answer for all rows.

use super::index::{Algorithm, Index};
use super::metric::{Distance, Metric};
use super::nearest::{Near, Wanted};
use crate::dense::{Matrix, fits};
use crate::{Design, Predict, Samples, Target};
use arkwright_core::{Context, Parts, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much a near row counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weights {
    /// All the same.
    #[default]
    Uniform,
    /// One over its distance.
    Distance,
}

/// Which rows are asked, and how they are found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Asked {
    pub wanted: Wanted,
    pub weights: Weights,
    pub algorithm: Algorithm,
    pub leaf_size: usize,
    pub metric: Metric,
    pub p: f64,
}

/// What is known of each row.
#[derive(Clone, Debug)]
enum Known {
    Classes(Vec<u32>, usize),
    Values(Vec<f64>),
}

/// Rows that answer for those near to them.
pub struct Neighbors {
    asked: Asked,
    /// As they were learnt: the index may hold them at unit length.
    rows: Matrix,
    index: Index,
    known: Known,
    weight: Option<Vec<f64>>,
    /// The answer where nobody is near.
    whole: Vec<f64>,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    nearest: Option<usize>,
    weights: Weights,
    algorithm: Algorithm,
    leaf_size: usize,
    metric: Metric,
    columns: usize,
    classes: Option<usize>,
}

impl Neighbors {
    /// Keeps the rows that count.
    pub(super) fn learn(asked: Asked, train: &Samples<'_>, ctx: &Context) -> Result<Self> {
        let rows = Matrix::within(&train.x, ctx)?;
        let known = match train.y {
            Target::Classes { codes, count } => Known::Classes(codes.to_vec(), count),
            Target::Values(values) => Known::Values(values.to_vec()),
        };
        let Some(weight) = train.weight.filter(|w| w.windows(2).any(|w| w[0] != w[1])) else {
            return Ok(Self::new(asked, rows, known, None));
        };
        let kept: Vec<usize> = (0..rows.rows()).filter(|&i| weight[i] > 0.0).collect();
        let known = match known {
            Known::Classes(codes, count) => Known::Classes(kept.iter().map(|&i| codes[i]).collect(), count),
            Known::Values(values) => Known::Values(kept.iter().map(|&i| values[i]).collect()),
        };
        let weight = kept.iter().map(|&i| weight[i]).collect();
        Ok(Self::new(asked, rows.take(kept.iter().copied()), known, Some(weight)))
    }

    fn new(asked: Asked, rows: Matrix, known: Known, weight: Option<Vec<f64>>) -> Self {
        let distance = Distance::of(asked.metric, asked.p);
        let index = Index::new(rows.clone(), distance, asked.algorithm, asked.leaf_size);
        let mut model = Self { asked, rows, index, known, weight, whole: Vec::new() };
        let all: Vec<Near> = (0..model.rows.rows() as u32).map(|row| Near { distance: 1.0, row }).collect();
        let mut whole = vec![0.0; model.outputs()];
        model.vote(&all, Weights::Uniform, &mut whole);
        model.whole = whole;
        model
    }

    /// The number of rows that it holds.
    pub fn rows(&self) -> usize {
        self.rows.rows()
    }

    fn vote(&self, near: &[Near], weights: Weights, out: &mut [f64]) {
        let own = |near: &Near| self.weight.as_ref().map_or(1.0, |w| w[near.row as usize]);
        let close = |near: &Near| 1.0 / self.index.distance().whole(near.distance);
        let touching = weights == Weights::Distance && near.iter().any(|n| close(n).is_infinite());
        let vote = |near: &Near| match weights {
            Weights::Uniform => own(near),
            Weights::Distance if touching => own(near) * f64::from(u8::from(close(near).is_infinite())),
            Weights::Distance => own(near) * close(near),
        };
        out.fill(0.0);
        let mut total = 0.0;
        for near in near {
            let vote = vote(near);
            total += vote;
            match &self.known {
                Known::Classes(codes, _) => out[codes[near.row as usize] as usize] += vote,
                Known::Values(values) => out[0] += vote * values[near.row as usize],
            }
        }
        match total > 0.0 {
            true => out.iter_mut().for_each(|share| *share /= total),
            // All too far away to tell apart.
            false if weights == Weights::Distance => self.vote(near, Weights::Uniform, out),
            false => out.copy_from_slice(&self.whole),
        }
    }
}

impl Predict for Neighbors {
    const FORMAT: &'static str = "neighbors";

    fn outputs(&self) -> usize {
        match self.known {
            Known::Classes(_, count) => count,
            Known::Values(_) => 1,
        }
    }

    fn predict(&self, x: &Design<'_>, out: &mut [f64]) {
        let k = self.outputs();
        if !fits(x, self.rows.width(), k, out) {
            return;
        }
        let queries = Matrix::of(x);
        let answers = self.index.ask(&queries, self.asked.wanted, |at, near| {
            let mut out = vec![f64::NAN; k];
            if !queries.row(at).iter().any(|x| x.is_nan()) {
                self.vote(near, self.asked.weights, &mut out);
            }
            out
        });
        out.chunks_exact_mut(k).zip(answers).for_each(|(out, answer)| out.copy_from_slice(&answer));
    }

    fn save(&self, parts: &mut Parts) -> Result<()> {
        let (nearest, radius) = match self.asked.wanted {
            Wanted::Nearest(k) => (Some(k), None),
            Wanted::Within(radius) => (None, Some(radius)),
        };
        let classes = if let Known::Classes(_, count) = self.known { Some(count) } else { None };
        let Asked { weights, algorithm, leaf_size, metric, p, .. } = self.asked;
        parts.put_json(&Saved {
            nearest,
            weights,
            algorithm,
            leaf_size,
            metric,
            classes,
            columns: self.rows.width(),
        })?;
        parts.put("numbers", vec![p, radius.unwrap_or(0.0)]);
        parts.put("rows", self.rows.values().to_vec());
        parts.put("weight", self.weight.clone().unwrap_or_default());
        match &self.known {
            Known::Classes(codes, _) => parts.put("codes", codes.clone()),
            Known::Values(values) => parts.put("values", values.clone()),
        }
        Ok(())
    }

    fn load(parts: &Parts) -> Result<Self> {
        let saved: Saved = parts.get_json()?;
        let &[p, radius] = parts.get("numbers")? else { return Err(parts.damaged("`numbers` is cut")) };
        let known = match saved.classes {
            Some(count) => Known::Classes(parts.get("codes")?.to_vec(), count),
            None => Known::Values(parts.get("values")?.to_vec()),
        };
        let (n, right) = match &known {
            Known::Classes(codes, count) => {
                (codes.len(), *count >= 2 && codes.iter().all(|&code| (code as usize) < *count))
            }
            Known::Values(values) => (values.len(), true),
        };
        let (rows, weight): (&[f64], &[f64]) = (parts.get("rows")?, parts.get("weight")?);
        let weighed = weight.is_empty() || weight.len() == n;
        if n == 0 || !right || !weighed || n.checked_mul(saved.columns) != Some(rows.len()) || saved.nearest == Some(0)
        {
            return Err(parts.damaged("the rows and what is known of them do not fit"));
        }
        let wanted = saved.nearest.map_or(Wanted::Within(radius), Wanted::Nearest);
        let Saved { weights, algorithm, leaf_size, metric, columns, .. } = saved;
        let asked = Asked { wanted, weights, algorithm, leaf_size, metric, p };
        let weight = (!weight.is_empty()).then(|| weight.to_vec());
        Ok(Self::new(asked, Matrix::new(rows.to_vec(), n, columns), known, weight))
    }
}
