//! Which columns moved an answer: exact Shapley values of trees (TreeSHAP, Lundberg et al. 2018, 2020).
//!
//! The game is the path-dependent one: where a column is unknown, both ways are gone, each by the share of
//! training rows that went it. A walk to every leaf keeps, for each feature on the way, the share `zero`
//! that passes when it is unknown and whether the row passes (`one`) when it is known; the weights of all
//! sets of those features, by size, are extended at a node and unwound at a leaf. A row costs
//! `leaves x depth²`. Of a block, or of a level, the values of its features are added up.

use super::node::{CATEGORY, Ensemble, FEATURES, Link};
use crate::samples::Design;
use rayon::prelude::*;

/// Rows explained by one thread at a time.
const BLOCK: usize = 16;

/// A feature on the way to a leaf.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    feature: usize,
    zero: f64,
    one: f64,
    /// The weight of the sets of as many features as come before this place.
    weight: f64,
}

/// One row being explained.
struct Walk<'a> {
    model: &'a Ensemble,
    row: &'a [u32],
    /// The ways to the leaf at hand, one for each depth.
    paths: &'a mut [Vec<Known>],
    /// outputs x features.
    values: &'a mut [f64],
}

impl Ensemble {
    /// The values (n x outputs x columns) and the bases (outputs) of the raw answers: log-odds under
    /// logistic and softmax links, means and probabilities for forests.
    pub(super) fn shap(&self, x: &Design<'_>) -> (Vec<f64>, Vec<f64>) {
        let (k, p) = (self.outputs, self.shapes.len());
        let scale = match self.link {
            Link::Mean | Link::Probability => 1.0 / self.trees().max(1) as f64,
            _ => 1.0,
        };
        let columns: Vec<usize> =
            self.shapes.iter().enumerate().flat_map(|(at, shape)| std::iter::repeat_n(at, shape.width())).collect();
        let rows = self.gathered(x);
        let (features, deepest) = (columns.len(), self.depth());
        let mut values = vec![0.0; x.rows * k * p];
        if p > 0 {
            values.par_chunks_mut(BLOCK * k * p).enumerate().for_each(|(block, values)| {
                let mut paths = vec![Vec::with_capacity(deepest + 2); deepest + 2];
                let mut own = vec![0.0; k * features];
                for (i, values) in values.chunks_exact_mut(k * p).enumerate() {
                    own.fill(0.0);
                    let at = block * BLOCK + i;
                    let row = &rows[at * features..(at + 1) * features];
                    let mut walk = Walk { model: self, row, paths: &mut paths, values: &mut own };
                    (0..self.trees()).for_each(|tree| walk.tree(tree));
                    for (values, own) in values.chunks_exact_mut(p).zip(own.chunks_exact(features.max(1))) {
                        own.iter().zip(&columns).for_each(|(value, &column)| values[column] += value * scale);
                    }
                }
            });
        }
        (values, self.expected(scale))
    }

    /// The mean raw answer over the rows that the trees were grown on.
    fn expected(&self, scale: f64) -> Vec<f64> {
        let mut sums = self.base.clone();
        for tree in 0..self.trees() {
            let leaves = self.start(tree).1 as usize..self.ends[tree].1 as usize;
            let cover: f64 = self.leaf_cover[leaves.clone()].iter().sum();
            for leaf in leaves {
                let share = self.leaf_cover[leaf] / cover;
                for (output, value) in self.leaf(tree, leaf) {
                    sums[output] += share * value;
                }
            }
        }
        sums.iter_mut().zip(&self.base).for_each(|(sum, base)| *sum = base + (*sum - base) * scale);
        sums
    }

    /// What a leaf adds, and to which output.
    fn leaf(&self, tree: usize, leaf: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let first = if self.width == 1 { tree % self.outputs } else { 0 };
        self.values[leaf * self.width..(leaf + 1) * self.width].iter().enumerate().map(move |(i, &v)| (first + i, v))
    }

    /// The most nodes on a way to a leaf.
    pub(super) fn depth(&self) -> usize {
        // A child comes after its parent, so one pass from the front knows every depth.
        let mut depths = vec![1u32; self.nodes.len()];
        for at in 0..self.nodes.len() {
            for child in [self.nodes[at].left, self.nodes[at].right] {
                if child >= 0 {
                    depths[child as usize] = depths[at] + 1;
                }
            }
        }
        depths.into_iter().max().unwrap_or(0) as usize
    }
}

impl Walk<'_> {
    fn tree(&mut self, tree: usize) {
        self.paths[0].clear();
        self.node(tree, self.model.root(tree), 0, None);
    }

    /// Goes on to a child; `paths[depth]` holds the way so far, to which `next` is added.
    fn node(&mut self, tree: usize, at: i32, depth: usize, next: Option<Known>) {
        let model = self.model;
        match next {
            Some(next) => extend(&mut self.paths[depth], next),
            None => extend(&mut self.paths[depth], Known { feature: usize::MAX, zero: 1.0, one: 1.0, weight: 0.0 }),
        }
        let Ok(node_at) = usize::try_from(at) else { return self.leaf(tree, !at as usize, depth) };
        let node = &model.nodes[node_at];
        let feature = (node.feature & (FEATURES - 1)) as usize;
        debug_assert!(node.feature & CATEGORY == 0 || feature < self.row.len());
        let hot = model.step(at, self.row);
        let cold = if hot == node.left { node.right } else { node.left };
        // A feature that is asked a second time is unwound, and put back with both shares.
        let (mut zero, mut one) = (1.0, 1.0);
        if let Some(before) = self.paths[depth].iter().position(|known| known.feature == feature) {
            (zero, one) = (self.paths[depth][before].zero, self.paths[depth][before].one);
            unwind(&mut self.paths[depth], before);
        }
        for (child, one) in [(hot, one), (cold, 0.0)] {
            let cover = match usize::try_from(child) {
                Ok(node) => model.node_cover[node],
                Err(_) => model.leaf_cover[!child as usize],
            };
            let (front, back) = self.paths.split_at_mut(depth + 1);
            back[0].clone_from(&front[depth]);
            let share = cover / model.node_cover[node_at];
            self.node(tree, child, depth + 1, Some(Known { feature, zero: zero * share, one, weight: 0.0 }));
        }
    }

    fn leaf(&mut self, tree: usize, leaf: usize, depth: usize) {
        let features = self.row.len();
        let path = &self.paths[depth];
        for i in 1..path.len() {
            let part = unwound(path, i) * (path[i].one - path[i].zero);
            for (output, value) in self.model.leaf(tree, leaf) {
                self.values[output * features + path[i].feature] += part * value;
            }
        }
    }
}

/// Adds a feature to a way.
fn extend(path: &mut Vec<Known>, next: Known) {
    let depth = path.len();
    path.push(Known { weight: if depth == 0 { 1.0 } else { 0.0 }, ..next });
    let size = (depth + 1) as f64;
    for i in (0..depth).rev() {
        path[i + 1].weight += next.one * path[i].weight * (i + 1) as f64 / size;
        path[i].weight = next.zero * path[i].weight * (depth - i) as f64 / size;
    }
}

/// Takes a feature off a way.
fn unwind(path: &mut Vec<Known>, at: usize) {
    let depth = path.len() - 1;
    let size = (depth + 1) as f64;
    let (one, zero) = (path[at].one, path[at].zero);
    let mut next = path[depth].weight;
    for i in (0..depth).rev() {
        if one != 0.0 {
            let weight = path[i].weight;
            path[i].weight = next * size / ((i + 1) as f64 * one);
            next = weight - path[i].weight * zero * (depth - i) as f64 / size;
        } else {
            path[i].weight = path[i].weight * size / (zero * (depth - i) as f64);
        }
    }
    for i in at..depth {
        path[i] = Known { weight: path[i].weight, ..path[i + 1] };
    }
    path.pop();
}

/// The weight of all sets without one feature of a way.
fn unwound(path: &[Known], at: usize) -> f64 {
    let depth = path.len() - 1;
    let size = (depth + 1) as f64;
    let (one, zero) = (path[at].one, path[at].zero);
    let (mut next, mut sum) = (path[depth].weight, 0.0);
    for i in (0..depth).rev() {
        if one != 0.0 {
            let weight = next * size / ((i + 1) as f64 * one);
            sum += weight;
            next = path[i].weight - weight * zero * (depth - i) as f64 / size;
        } else {
            sum += path[i].weight * size / (zero * (depth - i) as f64);
        }
    }
    sum
}
