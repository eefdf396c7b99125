//! Which pairs of columns moved an answer: SHAP interaction values of trees (Lundberg et al. 2020).
//!
//! As in [`shap`](super::shap), with the change in two features at a time: the part of a pair in a leaf is
//!
//! ```text
//! value / 2 * (o_i - z_i) (o_j - z_j) * integral of the product over all others of (t o + (1 - t) z)
//! ```
//!
//! and the same points of `t` are exact. A leaf whose way asks `d` features costs `d² / 2` sums over the points.

use super::eight::{Eight, LANES, Lanes};
use super::node::Ensemble;
use super::outputs::Shapley;
use super::shap::{Edges, Rows};
use super::wide::{Loops, Way};
use crate::samples::Design;
use rayon::prelude::*;

/// The pairs of a leaf's features for eight rows, under way.
#[derive(Default)]
struct Pairs {
    /// Which rows go the way of each edge down to the leaf, by all questions of its feature.
    hot: Vec<u8>,
    /// The edges down to the leaf.
    way: Vec<usize>,
    /// What each feature on the way multiplies the leaf's product by to take its change, at each point.
    gains: Vec<Lanes>,
    features: Vec<usize>,
}

/// Adds the pairs of one tree for eight rows.
struct Pass<'a> {
    pairs: &'a mut Pairs,
    edges: &'a Edges,
    rights: &'a [u8],
    values: &'a [f64],
    every: usize,
    /// The rows' sums of each pair, features x features; the pair of `i < j` at `i`, `j`.
    own: &'a mut [Lanes],
    all: usize,
}

impl Ensemble {
    pub(super) fn interactions(&self, x: &Design<'_>) -> Shapley {
        let Shapley { values: alone, base } = self.shap(x);
        let (k, p) = (self.outputs, self.shapes.len());
        let (scale, columns) = (self.scale(), self.columns_of_features());
        let features = columns.len();
        let mut values = vec![0.0; x.rows * k * p * p];
        if features == 0 {
            return Shapley { values, base };
        }
        let (way, edges) = (Way::best(), (0..self.trees()).map(|tree| Edges::of(self, tree)).collect::<Vec<_>>());
        values.par_chunks_mut(LANES * k * p * p).enumerate().for_each(|(block, values)| {
            let rows = Rows::new(self, x, block * LANES, values.len() / (k * p * p));
            let mut own = vec![[0.0; LANES]; k * features * features];
            let mut pairs = Pairs::default();
            for (tree, edges) in edges.iter().enumerate() {
                let rights = rows.rights(self, tree, 0);
                for (output, first, every) in self.addends(tree) {
                    let own = &mut own[output * features * features..(output + 1) * features * features];
                    let values = &self.values[first..];
                    way.run(Pass { pairs: &mut pairs, edges, rights: &rights, values, every, own, all: features });
                }
            }
            for (at, table) in values.chunks_exact_mut(p * p).enumerate() {
                let (row, output) = (at / k, at % k);
                for (i, own) in own[output * features * features..][..features * features].iter().enumerate() {
                    let (a, b) = (columns[i / features], columns[i % features]);
                    table[a * p + b] += own[row] * scale;
                    table[b * p + a] += own[row] * scale;
                }
                // What a column's value is made of besides.
                for column in 0..p {
                    let pairs: f64 =
                        (0..p).filter(|&other| other != column).map(|other| table[column * p + other]).sum();
                    table[column * p + column] = alone[((block * LANES + row) * k + output) * p + column] - pairs;
                }
            }
        });
        Shapley { values, base }
    }
}

impl Loops for Pass<'_> {
    #[inline(always)]
    fn run<V: Eight>(self) {
        let Self { pairs, edges, rights, values, every, own, all } = self;
        let n = edges.rule.len();
        pairs.hot.resize(pairs.hot.len().max(edges.deepest + 1), 0);
        pairs.hot[0] = 255;
        for (at, edge) in edges.all.iter().enumerate() {
            pairs.way.truncate(edge.depth - 1);
            pairs.way.push(at);
            pairs.hot[edge.depth] = pairs.hot[edge.before] & edge.goes(rights);
            let Some(leaf) = edge.leaf else { continue };
            let mut product = vec![[0.5 * values[leaf * every]; LANES]; n];
            pairs.features.clear();
            pairs.gains.clear();
            for (depth, &step) in pairs.way.iter().enumerate() {
                let (depth, step) = (depth + 1, &edges.all[step]);
                // The last question of a feature speaks for all of them.
                if pairs.way[depth..].iter().any(|&later| edges.all[later].before == depth) {
                    continue;
                }
                pairs.features.push(step.feature);
                for (product, &(t, _)) in product.iter_mut().zip(&edges.rule) {
                    let (yes, no) = (t + (1.0 - t) * step.zero, (1.0 - t) * step.zero);
                    let pick = |yes: f64, no: f64| V::pick(pairs.hot[depth], V::splat(yes), V::splat(no));
                    V::load(product).times(pick(yes, no)).store(product);
                    let mut gain = [0.0; LANES];
                    pick((1.0 - step.zero) / yes, -1.0 / (1.0 - t)).store(&mut gain);
                    pairs.gains.push(gain);
                }
            }
            for (product, &(_, weight)) in product.iter_mut().zip(&edges.rule) {
                V::load(product).times(V::splat(weight)).store(product);
            }
            for (i, &a) in pairs.features.iter().enumerate() {
                for (j, &b) in pairs.features.iter().enumerate().skip(i + 1) {
                    let mut sum = V::splat(0.0);
                    let gains = pairs.gains[i * n..(i + 1) * n].iter().zip(&pairs.gains[j * n..]);
                    for (product, (first, second)) in product.iter().zip(gains) {
                        sum = sum.plus(V::load(product).times(V::load(first)).times(V::load(second)));
                    }
                    let own = &mut own[a.min(b) * all + a.max(b)];
                    V::load(own).plus(sum).store(own);
                }
            }
        }
    }
}
