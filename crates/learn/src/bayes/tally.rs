//! Sums by class and column, in one pass over rows; and the classes' shares.

use crate::dense::Matrix;
use crate::linear::design::{Layout, by_chunk, total};
use crate::{Column, Rows, Target};
use arkwright_core::{Error, Result};

/// Weighted sums of a class's rows, column by column.
pub(crate) struct Tally {
    pub layout: Layout,
    /// The weight of each class.
    pub weight: Vec<f64>,
    /// k x p.
    pub sums: Vec<f64>,
}

impl Tally {
    /// Sums `value(class, column, x)` over the rows. `counts` refuses numbers below 0, naming the estimator.
    pub fn read(
        rows: &dyn Rows,
        counts: Option<&str>,
        value: impl Fn(usize, usize, f64) -> f64 + Sync,
    ) -> Result<Self> {
        let mut found: Option<Self> = None;
        let mut before = 0;
        rows.pass(&mut |samples| {
            let Target::Classes { codes, count } = samples.y else {
                return Err(Error::setting("this estimator learns classes, not numbers"));
            };
            if let Some(who) = counts {
                for (j, column) in samples.x.columns.iter().enumerate() {
                    if let Some(row) = negative(column) {
                        let name = samples.names.map_or_else(|| j.to_string(), |names| names[j].clone());
                        return Err(Error::cell(
                            name,
                            before + row,
                            format!("a number below 0, and {who} takes counts"),
                        )
                        .with_hint(
                            "put { kind = \"scale\", method = \"minmax\" } before it, or leave the column out",
                        ));
                    }
                }
            }
            let matrix = Matrix::of(&samples.x);
            let p = matrix.width();
            let sums = by_chunk(matrix.rows(), |rows| {
                let mut sums = vec![0.0; count * (p + 1)];
                for i in rows {
                    let (w, class) = (samples.weight.map_or(1.0, |w| w[i]), codes[i] as usize);
                    let own = &mut sums[class * (p + 1)..(class + 1) * (p + 1)];
                    own[p] += w;
                    own.iter_mut()
                        .zip(matrix.row(i))
                        .enumerate()
                        .for_each(|(j, (sum, x))| *sum += w * value(class, j, *x));
                }
                sums
            });
            let sums = total(sums, count * (p + 1));
            let tally = found.get_or_insert_with(|| Self {
                layout: Layout::of(&samples.x),
                weight: vec![0.0; count],
                sums: vec![0.0; count * p],
            });
            for (class, own) in sums.chunks_exact(p + 1).enumerate() {
                tally.weight[class] += own[p];
                tally.sums[class * p..(class + 1) * p].iter_mut().zip(own).for_each(|(sum, new)| *sum += new);
            }
            before += samples.x.rows as u64;
            Ok(())
        })?;
        let tally = found.ok_or_else(|| Error::data("there are no rows to learn from"))?;
        match tally.sums.iter().all(|s| s.is_finite()) {
            true => Ok(tally),
            false => Err(Error::data("the numbers are too large to add up").with_hint("put a `scale` step before it")),
        }
    }

    /// The means of all rows, p numbers.
    pub fn means(&self) -> Vec<f64> {
        let (p, total) = (self.layout.width(), self.weight.iter().sum::<f64>());
        (0..p).map(|j| self.sums.iter().skip(j).step_by(p).sum::<f64>() / total).collect()
    }

    /// The sums divided by the classes' weights, k x p; 0 for a class without weight.
    pub fn shares(&self) -> Vec<f64> {
        let p = self.layout.width().max(1);
        let share = |(i, sum): (usize, &f64)| match self.weight[i / p] {
            w if w > 0.0 => sum / w,
            _ => 0.0,
        };
        self.sums.iter().enumerate().map(share).collect()
    }
}

fn negative(column: &Column<'_>) -> Option<u64> {
    let at = match *column {
        Column::F32(values) => values.iter().position(|x| *x < 0.0),
        Column::F64(values) => values.iter().position(|x| *x < 0.0),
        Column::Block { values, width } => values.iter().position(|x| *x < 0.0).map(|at| at / width.max(1)),
        Column::Level { .. } => None,
    };
    at.map(|at| at as u64)
}

/// The logarithms of the classes' shares: those given, of all rows, or all the same.
pub(crate) fn log_priors(given: Option<&[f64]>, learnt: bool, weight: &[f64]) -> Result<Vec<f64>> {
    let k = weight.len();
    let total: f64 = weight.iter().sum();
    match given {
        Some(given) if given.len() != k => {
            Err(Error::setting(format!("{} priors are given, and there are {k} classes", given.len()))
                .with_hint("give one for each class, in the order of the classes"))
        }
        Some(given) => Ok(given.iter().map(|p| libm::log(*p)).collect()),
        None if learnt => Ok(weight.iter().map(|w| libm::log(w / total)).collect()),
        None => Ok(vec![-libm::log(k as f64); k]),
    }
}

/// Checks priors that are given.
pub(crate) fn check(key: &'static str, given: Option<&[f64]>) -> Result<(), (&'static str, String)> {
    let Some(given) = given else { return Ok(()) };
    let sum: f64 = given.iter().sum();
    match given.iter().all(|p| *p >= 0.0) && (sum - 1.0).abs() < 1e-9 {
        true => Ok(()),
        false => Err((key, "must be shares of the classes that sum up to 1".into())),
    }
}
