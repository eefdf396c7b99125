//! The means of classes and the products of their rows around them.

use super::shrinkage::{Shrinkage, deviations, shrink};
use crate::bayes::tally::Tally;
use crate::dense::Matrix;
use crate::linear::design::Layout;
use crate::linear::gram::Gram;
use crate::{Column, Design, Rows, Target};
use arkwright_core::{Context, Error, Result};

/// What is known of each class.
pub(super) struct Scatter {
    pub layout: Layout,
    /// The weight of each class.
    pub weight: Vec<f64>,
    /// k x p.
    pub means: Vec<f64>,
    /// The means of all rows.
    pub mean: Vec<f64>,
    /// A covariance matrix a class, p x p, divided by the class's weight.
    pub covariances: Vec<Vec<f64>>,
}

impl Scatter {
    /// Two passes, and a third for the shrinkage that the rows themselves ask for.
    pub fn read(rows: &dyn Rows, shrinkage: Option<Shrinkage>, ctx: &Context) -> Result<Self> {
        let tally = Tally::read(rows, None, |_, _, x| x)?;
        let (k, p) = (tally.weight.len(), tally.layout.width());
        ctx.allow("the covariances of the classes", k as u64 * Gram::bytes(p))?;
        let means = tally.shares();
        let block = Layout::block(p);
        let mut grams: Vec<Gram> = (0..k).map(|_| Gram::new(&block, 0, &vec![0.0; p])).collect();
        apart(rows, &means, p, |class, rows, weight| {
            let columns = [Column::Block { values: rows, width: p }];
            grams[class].add(&Design { columns: &columns, rows: weight.len() }, weight, &[]);
        })?;
        let mut covariances: Vec<Vec<f64>> = grams.iter().map(Gram::matrix).collect();
        drop(grams);
        for (cov, weight) in covariances.iter_mut().zip(&tally.weight).filter(|(_, w)| **w > 0.0) {
            cov.iter_mut().for_each(|c| *c /= weight);
        }
        if covariances.iter().flatten().any(|c| !c.is_finite()) {
            return Err(Error::data("the numbers are too large to square").with_hint("put a `scale` step before it"));
        }
        if let Some(shrinkage) = shrinkage {
            let mut fourth = vec![0.0; k];
            if shrinkage == Shrinkage::Auto {
                let scale: Vec<Vec<f64>> = covariances.iter().map(|cov| deviations(cov, p)).collect();
                apart(rows, &means, p, |class, rows, weight| {
                    for (row, w) in rows.chunks_exact(p).zip(weight) {
                        let square: f64 = row.iter().zip(&scale[class]).map(|(x, s)| (x / s) * (x / s)).sum();
                        fourth[class] += w * square * square;
                    }
                })?;
            }
            for (class, cov) in covariances.iter_mut().enumerate() {
                let weight = tally.weight[class];
                shrink(cov, p, shrinkage, fourth[class] / weight, weight);
            }
        }
        let mean = tally.means();
        Ok(Self { layout: tally.layout, weight: tally.weight, means, mean, covariances })
    }
}

/// One pass: the rows of each class less their mean, batch by batch, with their weights.
fn apart(rows: &dyn Rows, means: &[f64], p: usize, mut each: impl FnMut(usize, &[f64], &[f64])) -> Result<()> {
    if p == 0 {
        return Ok(());
    }
    rows.pass(&mut |samples| {
        let Target::Classes { codes, count } = samples.y else { return Ok(()) };
        let matrix = Matrix::of(&samples.x);
        let mut values = vec![Vec::new(); count];
        let mut weights = vec![Vec::new(); count];
        for (i, &code) in codes.iter().enumerate() {
            let class = code as usize;
            values[class].extend(matrix.row(i).iter().zip(&means[class * p..]).map(|(x, m)| x - m));
            weights[class].push(samples.weight.map_or(1.0, |w| w[i]));
        }
        values.iter().zip(&weights).enumerate().for_each(|(class, (rows, weight))| each(class, rows, weight));
        Ok(())
    })
}
