//! How much the trees make of each column.
//!
//! Two counts that need no rows, and so say nothing of rows to come; permutation, in the `explain` room, asks
//! the model about such rows. *Gain* is the mean decrease in impurity (Breiman et al. 1984): how much a
//! split lowers the weighted variance of what the training rows are answered, which for class shares is
//! their Gini impurity, added up over a column's splits. It flatters columns of many values, which offer many
//! cuts. *Splits* counts the cuts.

use super::node::{Ensemble, FEATURES, Link};

/// What is counted of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Importance {
    /// How much its splits lower the impurity (squared error, Gini), whatever criterion chose them.
    Gain,
    /// How many splits ask it.
    Splits,
}

impl Ensemble {
    /// The importance of each column; they sum up to 1, or are all 0 where nothing was split. In a forest
    /// each tree counts the same, as in scikit-learn's `feature_importances_`.
    pub fn importances(&self, kind: Importance) -> Vec<f64> {
        let columns: Vec<usize> =
            self.shapes.iter().enumerate().flat_map(|(at, shape)| std::iter::repeat_n(at, shape.width())).collect();
        let mut all = vec![0.0; self.shapes.len()];
        for tree in 0..self.trees() {
            let mut of_tree = vec![0.0; self.shapes.len()];
            let gains = if kind == Importance::Gain { self.gains(tree) } else { Vec::new() };
            let (start, end) = (self.start(tree).0 as usize, self.ends[tree].0 as usize);
            for (at, node) in self.nodes[start..end].iter().enumerate() {
                of_tree[columns[(node.feature & (FEATURES - 1)) as usize]] += gains.get(at).copied().unwrap_or(1.0);
            }
            let is_mean = matches!(self.link, Link::Mean | Link::Probability) && kind == Importance::Gain;
            let sum = if is_mean { of_tree.iter().sum() } else { 1.0 };
            if sum > 0.0 {
                all.iter_mut().zip(of_tree).for_each(|(all, gain)| *all += gain / sum);
            }
        }
        let sum: f64 = all.iter().sum();
        if sum > 0.0 {
            all.iter_mut().for_each(|gain| *gain /= sum);
        }
        all
    }

    /// What each split of a tree gains, from the leaves up.
    fn gains(&self, tree: usize) -> Vec<f64> {
        let (start, end) = (self.start(tree).0 as usize, self.ends[tree].0 as usize);
        let means = self.means(tree);
        let of = |child: i32| match usize::try_from(child) {
            Ok(node) => (self.node_cover[node], &means[(node - start) * self.width..][..self.width]),
            Err(_) => (self.leaf_cover[!child as usize], &self.values[!child as usize * self.width..][..self.width]),
        };
        let gain = |at: usize| {
            let (node, mean) = (&self.nodes[at], &means[(at - start) * self.width..][..self.width]);
            let far = |(cover, values): (f64, &[f64])| {
                cover * values.iter().zip(mean).map(|(value, mean)| (value - mean).powi(2)).sum::<f64>()
            };
            far(of(node.left)) + far(of(node.right))
        };
        (start..end).map(gain).collect()
    }

    /// What each node of a tree would answer: the mean of its leaves, by their weight.
    pub(super) fn means(&self, tree: usize) -> Vec<f64> {
        let (start, end) = (self.start(tree).0 as usize, self.ends[tree].0 as usize);
        let mut means = vec![0.0; (end - start) * self.width];
        for at in (start..end).rev() {
            let mut mean = vec![0.0; self.width];
            for child in [self.nodes[at].left, self.nodes[at].right] {
                let (cover, values) = match usize::try_from(child) {
                    Ok(node) => (self.node_cover[node], &means[(node - start) * self.width..][..self.width]),
                    Err(_) => {
                        (self.leaf_cover[!child as usize], &self.values[!child as usize * self.width..][..self.width])
                    }
                };
                mean.iter_mut().zip(values).for_each(|(mean, value)| *mean += cover * value);
            }
            let cover = self.node_cover[at];
            let means = &mut means[(at - start) * self.width..][..self.width];
            means.iter_mut().zip(mean).for_each(|(to, mean)| *to = if cover > 0.0 { mean / cover } else { 0.0 });
        }
        means
    }
}
