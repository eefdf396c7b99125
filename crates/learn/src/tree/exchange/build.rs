//! A tree as a file tells it becomes nodes and leaves.
//!
//! Files number their nodes as they please. A tree is laid out anew from its root, parents first, which finds
//! what is not a tree: a node that is not there, or hangs twice. Thresholds are kept as the file has them until
//! all trees are in; then each feature's are `f32`, or it is asked for ranks (see [`foreign`](super::super::foreign)).

use crate::tree::cart::DEEPEST;
use crate::tree::foreign::Reading;
use crate::tree::node::{CATEGORY, Ensemble, FEATURES, Link, MISSING_LEFT, Node, Shape};
use arkwright_core::{Error, Result};
use std::collections::HashSet;

/// Words of all sets of levels, at most: 64 MB.
const MOST_WORDS: usize = 1 << 24;
/// Thresholds of a feature, at most: ranks are counted in an `f32`.
const MOST_THRESHOLDS: usize = 1 << 24;

/// A node or a leaf, as a file tells it.
pub(super) enum Told {
    /// A leaf with its values, one or one an output.
    Leaf { values: Vec<f64>, cover: f64 },
    /// Up to the threshold goes left.
    Number { feature: usize, threshold: f64, missing_left: bool, left: i64, right: i64 },
    /// These codes go left, a bit a code; what is beyond goes with the missing.
    Codes { feature: usize, set: Vec<u32>, missing_left: bool, left: i64, right: i64 },
}

/// Trees as they are read.
pub(super) struct Builder {
    model: Ensemble,
    /// The threshold of each node, as the file has it.
    cuts: Vec<f64>,
}

/// Where the next node or leaf hangs.
#[derive(Clone, Copy)]
struct Open {
    id: i64,
    /// The node whose child it is, and whether its left one.
    parent: Option<(usize, bool)>,
    depth: u32,
}

impl Builder {
    /// For trees that ask for such columns. A column of numbers whose thresholds are no `f32` becomes one of
    /// ranks in the end.
    pub(super) fn new(shapes: Vec<Shape>, link: Link, width: usize, base: Vec<f64>) -> Result<Self> {
        if shapes.len() >= FEATURES as usize {
            return Err(Error::data(format!("{} features are too many", shapes.len())));
        }
        Ok(Self { model: Ensemble::new(shapes, link, width, base), cuts: Vec::new() })
    }

    /// Adds a tree from its root; `told` tells what a number stands for.
    pub(super) fn tree(&mut self, root: i64, mut told: impl FnMut(i64) -> Result<Told>) -> Result<()> {
        let first = self.model.nodes.len();
        let mut seen = HashSet::new();
        let mut open = vec![Open { id: root, parent: None, depth: 0 }];
        while let Some(at) = open.pop() {
            if !seen.insert(at.id) {
                return Err(Error::data(format!("node {} hangs from two nodes, or from itself", at.id)));
            }
            if at.depth > DEEPEST {
                return Err(Error::data(format!("the tree is deeper than {DEEPEST}")));
            }
            let (place, children) = match told(at.id)? {
                Told::Leaf { values, cover } => (!self.leaf(&values, cover)?, None),
                Told::Number { feature, threshold, missing_left, left, right } => {
                    (self.number(feature, threshold, missing_left)?, Some((left, right)))
                }
                Told::Codes { feature, set, missing_left, left, right } => {
                    (self.codes(feature, &set, missing_left)?, Some((left, right)))
                }
            };
            if let Some((parent, is_left)) = at.parent {
                let node = &mut self.model.nodes[parent];
                *(if is_left { &mut node.left } else { &mut node.right }) = place;
            }
            if let Some((left, right)) = children {
                let child = |id, is_left| Open { id, parent: Some((place as usize, is_left)), depth: at.depth + 1 };
                open.extend([child(right, false), child(left, true)]);
            }
        }
        self.end_tree(first);
        Ok(())
    }

    fn leaf(&mut self, values: &[f64], cover: f64) -> Result<i32> {
        let model = &mut self.model;
        if let Some(bad) = values.iter().find(|v| !v.is_finite()) {
            return Err(Error::data(format!("a leaf's value is {bad}")));
        }
        if values.len() != model.width {
            return Err(Error::data(format!("a leaf has {} values where {} are due", values.len(), model.width)));
        }
        let at = i32::try_from(model.leaf_cover.len()).map_err(|_| Error::data("there are too many leaves"))?;
        model.leaf_cover.push(if cover.is_finite() { cover } else { 0.0 });
        model.values.extend(values);
        Ok(at)
    }

    fn number(&mut self, feature: usize, threshold: f64, missing_left: bool) -> Result<i32> {
        if threshold.is_nan() {
            return Err(Error::data("a threshold is not a number"));
        }
        // -0 and 0 are one threshold.
        self.node(feature, missing_left, false, 0, threshold + 0.0)
    }

    fn codes(&mut self, feature: usize, set: &[u32], missing_left: bool) -> Result<i32> {
        let at = self.model.sets.len();
        if at + set.len() >= MOST_WORDS {
            return Err(Error::data("the sets of categories are too large"));
        }
        self.model.sets.push(set.len() as u32);
        self.model.sets.extend(set);
        self.node(feature, missing_left, true, at as u32, 0.0)
    }

    fn node(&mut self, feature: usize, missing_left: bool, category: bool, cut: u32, threshold: f64) -> Result<i32> {
        match self.model.shapes.get(feature) {
            None => {
                let last = self.model.shapes.len();
                return Err(Error::data(format!("feature {feature} is asked for, of {last} counted from 0")));
            }
            Some(shape) if shape.is_level() != category => {
                return Err(Error::data(format!("feature {feature} is asked both as a number and as a category")));
            }
            Some(_) => {}
        }
        let at = i32::try_from(self.model.nodes.len()).map_err(|_| Error::data("there are too many nodes"))?;
        let flags = if category { CATEGORY } else { 0 } | if missing_left { MISSING_LEFT } else { 0 };
        self.model.nodes.push(Node { feature: feature as u32 | flags, cut, left: 0, right: 0 });
        self.cuts.push(threshold);
        Ok(at)
    }

    /// Sums up the covers from the leaves. A leaf without one counts as the others of its tree do.
    fn end_tree(&mut self, first: usize) {
        let model = &mut self.model;
        let leaves = model.start(model.ends.len()).1 as usize..model.leaf_cover.len();
        if model.leaf_cover[leaves.clone()].iter().any(|&cover| cover <= 0.0) {
            model.leaf_cover[leaves].fill(1.0);
        }
        model.node_cover.resize(model.nodes.len(), 0.0);
        for at in (first..model.nodes.len()).rev() {
            let of = |child: i32| match usize::try_from(child) {
                Ok(node) => model.node_cover[node],
                Err(_) => model.leaf_cover[!child as usize],
            };
            model.node_cover[at] = of(model.nodes[at].left) + of(model.nodes[at].right);
        }
        model.ends.push((model.nodes.len() as u32, model.leaf_cover.len() as u32));
    }

    /// The trees, once all are in.
    pub(super) fn finish(mut self) -> Result<Ensemble> {
        self.cut()?;
        match self.model.fault() {
            Some(fault) => Err(Error::data(fault)),
            None => Ok(self.model),
        }
    }

    /// Writes the thresholds into the nodes.
    fn cut(&mut self) -> Result<()> {
        let model = &mut self.model;
        let mut by_feature: Vec<Vec<f64>> = vec![Vec::new(); model.shapes.len()];
        for (node, cut) in model.nodes.iter().zip(&self.cuts).filter(|(node, _)| node.feature & CATEGORY == 0) {
            by_feature[(node.feature & (FEATURES - 1)) as usize].push(*cut);
        }
        for (shape, cuts) in model.shapes.iter_mut().zip(&mut by_feature) {
            if *shape == Shape::Number && cuts.iter().any(|&cut| f64::from(cut as f32) != cut) {
                *shape = Shape::Foreign(Reading::Ranked { zero_is_missing: false });
            }
            if !matches!(shape, Shape::Foreign(Reading::Ranked { .. })) {
                cuts.clear();
            }
            cuts.sort_by(f64::total_cmp);
            cuts.dedup();
            if cuts.len() > MOST_THRESHOLDS {
                return Err(Error::data("a feature has too many thresholds"));
            }
        }
        for (node, &cut) in model.nodes.iter_mut().zip(&self.cuts).filter(|(node, _)| node.feature & CATEGORY == 0) {
            let feature = (node.feature & (FEATURES - 1)) as usize;
            let cut = match model.shapes[feature] {
                Shape::Foreign(Reading::Ranked { .. }) => by_feature[feature].partition_point(|t| *t < cut) as f32,
                _ => cut as f32,
            };
            node.cut = cut.to_bits();
        }
        if by_feature.iter().any(|cuts| !cuts.is_empty()) {
            model.thresholds = by_feature;
        }
        Ok(())
    }
}
