//! Which columns moved an answer: exact Shapley values of trees.
//!
//! The game is TreeSHAP's path-dependent one (Lundberg et al. 2018, 2020): where a feature is unknown, both
//! ways are gone, each by the share `z` of training rows that went it. A leaf counts as much as the product
//! of its features' factors, `o` (the row goes the leaf's way: 1 or 0) where the feature is known and `z`
//! where not. The Shapley value of feature `i` is the integral over `t` from 0 to 1 of the product's change
//! in `i` when every other is known with probability `t` (Owen 1972):
//!
//! ```text
//! value * (o_i - z_i) * integral of the product over j other than i of (t o_j + (1 - t) z_j)
//! ```
//!
//! That is a polynomial of `t`, so a sum over half as many points as there are features on the way is exact
//! (Gauss and Legendre). At a point, products are made going down the tree, a factor an edge, and sums over
//! the leaves below going up, as in Linear TreeSHAP (Yu et al. 2022): a row costs `edges x features on a
//! way / 2` instead of `leaves x depth²`. Where a feature is asked again, the edge takes its former factor
//! out. All factors of an edge follow from whether a row went that way, so that rows are done side by side.
//! Of a block, or of a level, the values of its features are added up.

use super::eight::{Eight, LANES, Lanes};
use super::node::{CATEGORY, Ensemble, FEATURES, Link, MISSING_LEFT};
use super::outputs::Shapley;
use super::wide::{Loops, Way};
use crate::samples::Design;
use rayon::prelude::*;

/// Rows that a tree's edges are made for.
const BLOCK: usize = 64 * LANES;
/// Values of such rows, at most, so that they stay in a cache.
const MOST: usize = 1 << 16;

/// A step from a node to a child.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) feature: usize,
    /// The node, counted within the tree, and whether the step is to its right.
    node: usize,
    right: bool,
    /// Steps from the root, with this one.
    pub(super) depth: usize,
    /// The depth of the step above that asked for the same feature; 0 for none.
    pub(super) before: usize,
    /// The leaf, if it ends in one.
    pub(super) leaf: Option<usize>,
    /// The share of training rows that went this way, from the node, and by all questions of the feature.
    share: f64,
    pub(super) zero: f64,
}

impl Edge {
    /// The rows that go this way.
    #[inline(always)]
    pub(super) fn goes(&self, rights: &[u8]) -> u8 {
        rights[self.node] ^ if self.right { 0 } else { 255 }
    }
}

/// What an edge multiplies by and adds at a point: where the row goes the leaf's way still, and where no
/// longer.
#[derive(Clone, Copy, Debug)]
struct Point {
    hot: f64,
    cold: f64,
    hot_gain: f64,
    cold_gain: f64,
}

/// The edges of a tree, parents first and left before right.
pub(super) struct Edges {
    pub(super) all: Vec<Edge>,
    /// For each edge its points.
    points: Vec<Point>,
    /// Points of the integral: where, and their weights.
    pub(super) rule: Vec<(f64, f64)>,
    pub(super) deepest: usize,
}

/// The products and sums of an edge on each depth, for some rows.
#[derive(Default)]
struct Sweep {
    /// The products down to each depth, at each point.
    above: Vec<Lanes>,
    /// The sums over the leaves below it.
    below: Vec<Lanes>,
    /// Whether rows go the way of the feature asked last, a bit a row.
    hot: Vec<u8>,
    /// The edge at each depth.
    open: Vec<usize>,
}

impl Ensemble {
    /// The values (n x outputs x columns) and the bases (outputs) of the raw answers: log-odds under
    /// logistic and softmax links, means and probabilities for forests.
    pub(super) fn shap(&self, x: &Design<'_>) -> Shapley {
        let (k, p) = (self.outputs, self.shapes.len());
        let (scale, columns) = (self.scale(), self.columns_of_features());
        let mut values = vec![0.0; x.rows * k * p];
        if !columns.is_empty() {
            let (way, features) = (Way::best(), columns.len());
            let size =
                (MOST / (k * features)).clamp(LANES, BLOCK).min(x.rows.div_ceil(rayon::current_num_threads())).max(1);
            let size = size.next_multiple_of(LANES);
            values.par_chunks_mut(size * k * p).enumerate().for_each(|(block, values)| {
                let rows = Rows::new(self, x, block * size, values.len() / (k * p));
                let mut own = vec![[0.0; LANES]; rows.groups() * k * features];
                let mut sweep = Sweep::default();
                for tree in 0..self.trees() {
                    let edges = Edges::of(self, tree);
                    for (group, own) in own.chunks_exact_mut(k * features).enumerate() {
                        let rights = rows.rights(self, tree, group);
                        for (output, first, every) in self.addends(tree) {
                            let own = &mut own[output * features..(output + 1) * features];
                            let leaves = Leaves { values: &self.values[first..], every };
                            way.run(Pass { sweep: &mut sweep, edges: &edges, rights: &rights, leaves, own });
                        }
                    }
                }
                for (row, values) in values.chunks_exact_mut(k * p).enumerate() {
                    let own = &own[row / LANES * k * features..];
                    for (place, own) in own[..k * features].iter().enumerate() {
                        values[place / features * p + columns[place % features]] += own[row % LANES] * scale;
                    }
                }
            });
        }
        Shapley { values, base: self.expected(scale) }
    }

    /// What the sums over the trees are multiplied by.
    pub(super) fn scale(&self) -> f64 {
        match self.link {
            Link::Mean | Link::Probability => 1.0 / self.trees().max(1) as f64,
            _ => 1.0,
        }
    }

    /// The column of each feature.
    pub(super) fn columns_of_features(&self) -> Vec<usize> {
        self.shapes.iter().enumerate().flat_map(|(at, shape)| std::iter::repeat_n(at, shape.width())).collect()
    }

    /// The outputs that a tree adds to, each with where a leaf's values begin and how many a leaf has.
    pub(super) fn addends(&self, tree: usize) -> impl Iterator<Item = (usize, usize, usize)> + use<> {
        let first = if self.width == 1 { tree % self.outputs } else { 0 };
        let width = self.width;
        (0..width).map(move |i| (first + i, i, width))
    }

    /// The answer of which nothing is known: the mean over the rows that the trees were grown on.
    fn expected(&self, scale: f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.outputs];
        for tree in 0..self.trees() {
            let edges = Edges::of(self, tree);
            let mut shares = vec![1.0; edges.deepest + 1];
            for edge in &edges.all {
                shares[edge.depth] = shares[edge.depth - 1] * edge.share;
                let Some(leaf) = edge.leaf else { continue };
                for (output, first, every) in self.addends(tree) {
                    sums[output] += shares[edge.depth] * self.values[leaf * every + first];
                }
            }
            if edges.all.is_empty() {
                let leaf = self.start(tree).1 as usize;
                self.addends(tree).for_each(|(output, first, every)| sums[output] += self.values[leaf * every + first]);
            }
        }
        sums.iter().zip(&self.base).map(|(sum, base)| base + sum * scale).collect()
    }

    /// The most nodes on a way to a leaf.
    pub(super) fn depth(&self) -> usize {
        self.depths().into_iter().max().unwrap_or(0) as usize
    }

    /// The nodes on the way to each node, itself among them.
    fn depths(&self) -> Vec<u32> {
        // A child comes after its parent, so one pass from the front knows every depth.
        let mut depths = vec![1u32; self.nodes.len()];
        for at in 0..self.nodes.len() {
            for child in [self.nodes[at].left, self.nodes[at].right] {
                if child >= 0 {
                    depths[child as usize] = depths[at] + 1;
                }
            }
        }
        depths
    }

    /// What a row costs: its two edges at half the features on the way, for every node.
    pub(super) fn shap_cost(&self) -> f64 {
        self.depths().into_iter().map(f64::from).sum()
    }
}

/// Some rows: the bits of their features, feature by feature.
pub(super) struct Rows {
    bits: Vec<u32>,
    /// Rows, and those left over in the last group.
    padded: usize,
}

impl Rows {
    /// `n` rows from `start` on.
    pub(super) fn new(model: &Ensemble, x: &Design<'_>, start: usize, n: usize) -> Self {
        let padded = n.next_multiple_of(LANES);
        let mut bits = vec![0; padded * model.features()];
        for (view, bits) in model.views(x).iter().zip(bits.chunks_exact_mut(padded.max(1))) {
            for (i, bits) in bits[..n].iter_mut().enumerate() {
                *bits = view.map_or(super::bins::ABSENT, |view| view.bits(start + i));
            }
        }
        Self { bits, padded }
    }

    pub(super) fn groups(&self) -> usize {
        self.padded / LANES
    }

    /// Which rows of a group go right, a bit a row, for each node of a tree.
    pub(super) fn rights(&self, model: &Ensemble, tree: usize, group: usize) -> Vec<u8> {
        let nodes = &model.nodes[model.start(tree).0 as usize..model.ends[tree].0 as usize];
        let of = |node: &super::node::Node| {
            let feature = (node.feature & (FEATURES - 1)) as usize;
            let bits: &[u32; LANES] = &self.bits[feature * self.padded..].as_chunks().0[group];
            let missing_left = node.feature & MISSING_LEFT != 0;
            if node.feature & CATEGORY == 0 {
                let cut = f32::from_bits(node.cut);
                set(bits.map(f32::from_bits).map(|x| !((x <= cut) | (x.is_nan() & missing_left))))
            } else {
                set(bits.map(|code| !model.is_among(node.cut as usize, code).unwrap_or(missing_left)))
            }
        };
        nodes.iter().map(of).collect()
    }
}

impl Edges {
    pub(super) fn of(model: &Ensemble, tree: usize) -> Self {
        let start = model.start(tree).0 as usize;
        let mut all: Vec<Edge> = Vec::new();
        // The edges down to the one at hand; what is to be done next, the left side on top.
        let (mut way, mut open, mut most): (Vec<usize>, Vec<(usize, bool, usize)>, usize) = Default::default();
        let root = usize::try_from(model.root(tree)).ok();
        open.extend(root.iter().flat_map(|&root| [(root, true, 1), (root, false, 1)]));
        while let Some((at, right, depth)) = open.pop() {
            way.truncate(depth - 1);
            let node = &model.nodes[at];
            let feature = (node.feature & (FEATURES - 1)) as usize;
            let before = way.iter().rposition(|&edge| all[edge].feature == feature).map_or(0, |at| at + 1);
            let child = if right { node.right } else { node.left };
            let (cover, leaf) = match usize::try_from(child) {
                Ok(child) => (model.node_cover[child], None),
                Err(_) => (model.leaf_cover[!child as usize], Some(!child as usize)),
            };
            // Where no training row came by, neither way has a share.
            let share = if model.node_cover[at] > 0.0 { cover / model.node_cover[at] } else { 0.0 };
            let zero = share * if before == 0 { 1.0 } else { all[way[before - 1]].zero };
            way.push(all.len());
            all.push(Edge { feature, node: at - start, right, depth, before, leaf, share, zero });
            match usize::try_from(child) {
                Ok(child) => open.extend([(child, true, depth + 1), (child, false, depth + 1)]),
                Err(_) => most = most.max(way.iter().filter(|&&edge| all[edge].before == 0).count()),
            }
        }
        let (rule, deepest) = (points(most.div_ceil(2)), all.iter().map(|edge| edge.depth).max().unwrap_or(0));
        let mut edges = Self { points: Vec::with_capacity(all.len() * rule.len()), all, rule, deepest };
        edges.fill();
        edges
    }

    fn fill(&mut self) {
        let mut zeros = vec![1.0; self.deepest + 1];
        for edge in &self.all {
            zeros[edge.depth] = edge.zero;
            let before = if edge.before == 0 { 1.0 } else { zeros[edge.before] };
            for &(t, weight) in &self.rule {
                let factor = |zero: f64| t + (1.0 - t) * zero;
                let gain = |zero: f64| (1.0 - zero) / factor(zero);
                self.points.push(Point {
                    hot: factor(edge.zero) / factor(before),
                    cold: (1.0 - t) * edge.zero / factor(before),
                    hot_gain: weight * (gain(edge.zero) - gain(before)),
                    cold_gain: weight * (-1.0 / (1.0 - t) - gain(before)),
                });
            }
        }
    }
}

/// The leaves' values of an output.
#[derive(Clone, Copy)]
struct Leaves<'a> {
    values: &'a [f64],
    every: usize,
}

/// Adds a tree's part in the values of some rows.
struct Pass<'a> {
    sweep: &'a mut Sweep,
    edges: &'a Edges,
    rights: &'a [u8],
    leaves: Leaves<'a>,
    /// The rows' values of each feature.
    own: &'a mut [Lanes],
}

impl Loops for Pass<'_> {
    #[inline(always)]
    fn run<V: Eight>(self) {
        let Self { sweep, edges, rights, leaves, own } = self;
        let n = edges.rule.len();
        sweep.fit(edges);
        let mut depth = 0;
        for (at, edge) in edges.all.iter().enumerate() {
            while depth >= edge.depth {
                sweep.close::<V>(edges, depth, own);
                depth -= 1;
            }
            let was = sweep.hot[edge.before];
            let ways = Ways { hot: was & edge.goes(rights), was, again: edge.before > 0 };
            let points = &edges.points[at * n..(at + 1) * n];
            let share = V::splat(edge.share);
            let (above, next) = sweep.above[(edge.depth - 1) * n..].split_at_mut(n);
            let Some(leaf) = edge.leaf else {
                for ((above, next), point) in above.iter().zip(next).zip(points) {
                    V::load(above).times(ways.pick(point.hot, point.cold, share)).store(next);
                }
                sweep.below[edge.depth * n..(edge.depth + 1) * n].fill([0.0; LANES]);
                (sweep.hot[edge.depth], sweep.open[edge.depth]) = (ways.hot, at);
                depth = edge.depth;
                continue;
            };
            let (value, none) = (V::splat(leaves.values[leaf * leaves.every]), V::splat(0.0));
            let mut sum = none;
            let below = &mut sweep.below[(edge.depth - 1) * n..edge.depth * n];
            for ((above, below), point) in above.iter().zip(below).zip(points) {
                let part = V::load(above).times(ways.pick(point.hot, point.cold, share)).times(value);
                V::load(below).plus(part).store(below);
                sum = sum.plus(part.times(ways.pick(point.hot_gain, point.cold_gain, none)));
            }
            let own = &mut own[edge.feature];
            V::load(own).plus(sum).store(own);
        }
        for depth in (1..=depth).rev() {
            sweep.close::<V>(edges, depth, own);
        }
    }
}

impl Sweep {
    /// Makes room for a tree, and stands at its root.
    fn fit(&mut self, edges: &Edges) {
        let (n, depths) = (edges.rule.len(), edges.deepest + 1);
        if self.above.len() < depths * n {
            self.above.resize(depths * n, [0.0; LANES]);
            self.below.resize(depths * n, [0.0; LANES]);
        }
        if self.hot.len() < depths {
            self.hot.resize(depths, 0);
            self.open.resize(depths, 0);
        }
        self.above[..n].fill([1.0; LANES]);
        self.hot[0] = 255;
    }

    /// Goes up from an edge all of whose leaves were seen.
    #[inline(always)]
    fn close<V: Eight>(&mut self, edges: &Edges, depth: usize, own: &mut [Lanes]) {
        let n = edges.rule.len();
        let at = self.open[depth];
        let edge = &edges.all[at];
        let ways = Ways { hot: self.hot[depth], was: self.hot[edge.before], again: edge.before > 0 };
        let (none, mut sum) = (V::splat(0.0), V::splat(0.0));
        let (up, below) = self.below[(depth - 1) * n..(depth + 1) * n].split_at_mut(n);
        for ((up, below), point) in up.iter_mut().zip(below).zip(&edges.points[at * n..]) {
            let below = V::load(below);
            V::load(up).plus(below).store(up);
            sum = sum.plus(below.times(ways.pick(point.hot_gain, point.cold_gain, none)));
        }
        let own = &mut own[edge.feature];
        V::load(own).plus(sum).store(own);
    }
}

/// The rows that go an edge's way, and those that did so far, by all former questions of its feature.
#[derive(Clone, Copy)]
struct Ways {
    hot: u8,
    was: u8,
    /// Whether there were any.
    again: bool,
}

impl Ways {
    /// What an edge does to rows: those that go its way, those that did so far, and those that did not before.
    #[inline(always)]
    fn pick<V: Eight>(self, hot: f64, cold: f64, before: V) -> V {
        let cold = V::splat(cold);
        V::pick(self.hot, V::splat(hot), if self.again { V::pick(self.was, cold, before) } else { cold })
    }
}

/// Flags as bits, the first lowest.
fn set(flags: [bool; LANES]) -> u8 {
    flags.into_iter().rev().fold(0, |set, flag| set << 1 | u8::from(flag))
}

/// The points and weights of Gauss and Legendre between 0 and 1: exact for polynomials of degree `2n - 1`.
fn points(n: usize) -> Vec<(f64, f64)> {
    let of = |i: usize| {
        // Newton's steps towards a root of the Legendre polynomial between -1 and 1.
        let mut x = libm::cos(std::f64::consts::PI * (i as f64 + 0.75) / (n as f64 + 0.5));
        let mut slope = 1.0;
        for _ in 0..16 {
            let (mut last, mut value) = (1.0, x);
            for j in 2..=n {
                let j = j as f64;
                (last, value) = (value, ((2.0 * j - 1.0) * x * value - (j - 1.0) * last) / j);
            }
            slope = n as f64 * (x * value - last) / (x * x - 1.0);
            x -= value / slope;
        }
        ((1.0 - x) / 2.0, 1.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..n).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_points_integrate_what_they_should() {
        for n in 1..40 {
            let points = points(n);
            for degree in 0..2 * n {
                let sum: f64 = points.iter().map(|(t, weight)| weight * t.powi(degree as i32)).sum();
                assert!((sum - 1.0 / (degree + 1) as f64).abs() < 1e-14, "{n} {degree} {sum}");
            }
        }
    }
}
