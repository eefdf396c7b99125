//! Saving trees, and loading them with everything checked that a walk relies on.
//!
//! A loaded tree is a tree: every node and leaf hangs from exactly one node that comes before it, so that
//! no walk is endless, and every feature, set and leaf that is named is there.

use super::cart::DEEPEST;
use super::linear_leaf::Linear;
use super::node::{CATEGORY, Ensemble, FEATURES, Link, Node, Shape};
use super::outputs::Shapley;
use super::quick::Lazy;
use crate::samples::Design;
use crate::{Names, Predict};
use arkwright_core::{Json, Parts, Result};
use serde::{Deserialize, Serialize};

/// What is no fitted number.
#[derive(Serialize, Deserialize)]
struct About {
    columns: Vec<Shape>,
    link: Link,
    outputs: usize,
    width: usize,
    trees: usize,
}

impl Predict for Ensemble {
    const FORMAT: &'static str = "trees";

    fn outputs(&self) -> usize {
        match self.link {
            // One raw answer stands for both classes.
            Link::Logistic | Link::Probability => self.outputs.max(2),
            _ => self.outputs,
        }
    }

    fn predict(&self, x: &Design<'_>, out: &mut [f64]) {
        self.answer(x, 0..self.trees(), out);
    }

    fn save(&self, parts: &mut Parts) -> Result<()> {
        parts.put_json(&About {
            columns: self.shapes.clone(),
            link: self.link,
            outputs: self.outputs,
            width: self.width,
            trees: self.trees(),
        })?;
        parts.put("base", self.base.clone());
        parts.put("node_ends", self.ends.iter().map(|e| e.0).collect::<Vec<_>>());
        parts.put("leaf_ends", self.ends.iter().map(|e| e.1).collect::<Vec<_>>());
        parts.put("feature", self.nodes.iter().map(|n| n.feature).collect::<Vec<_>>());
        parts.put("cut", self.nodes.iter().map(|n| n.cut).collect::<Vec<_>>());
        parts.put("left", self.nodes.iter().map(|n| n.left).collect::<Vec<_>>());
        parts.put("right", self.nodes.iter().map(|n| n.right).collect::<Vec<_>>());
        parts.put("node_cover", self.node_cover.clone());
        parts.put("leaf_cover", self.leaf_cover.clone());
        parts.put("value", self.values.clone());
        parts.put("sets", self.sets.clone());
        if !self.thresholds.is_empty() {
            parts.put("thresholds", self.thresholds.concat());
            parts.put("threshold_counts", self.thresholds.iter().map(|t| t.len() as u32).collect::<Vec<_>>());
        }
        if let Some(linear) = &self.linear {
            parts.put("slope_ends", linear.ends.clone());
            parts.put("intercept", linear.intercepts.clone());
            parts.put("slope_feature", linear.features.clone());
            parts.put("slope", linear.slopes.clone());
        }
        Ok(())
    }

    fn load(parts: &Parts) -> Result<Self> {
        let about: About = parts.get_json()?;
        let ends: (&[u32], &[u32]) = (parts.get("node_ends")?, parts.get("leaf_ends")?);
        let (feature, cut): (&[u32], &[u32]) = (parts.get("feature")?, parts.get("cut")?);
        let (left, right): (&[i32], &[i32]) = (parts.get("left")?, parts.get("right")?);
        let same = |wanted: usize, lengths: &[usize]| lengths.iter().all(|&length| length == wanted);
        if !same(feature.len(), &[cut.len(), left.len(), right.len()])
            || !same(about.trees, &[ends.0.len(), ends.1.len()])
        {
            return Err(parts.damaged("the lengths of its arrays differ"));
        }
        let nodes = (0..feature.len())
            .map(|i| Node { feature: feature[i], cut: cut[i], left: left[i], right: right[i] })
            .collect();
        let model = Self {
            shapes: about.columns,
            link: about.link,
            outputs: about.outputs,
            width: about.width,
            base: parts.get::<f64>("base")?.to_vec(),
            ends: ends.0.iter().copied().zip(ends.1.iter().copied()).collect(),
            nodes,
            node_cover: parts.get::<f64>("node_cover")?.to_vec(),
            leaf_cover: parts.get::<f64>("leaf_cover")?.to_vec(),
            values: parts.get::<f64>("value")?.to_vec(),
            sets: parts.get::<u32>("sets")?.to_vec(),
            thresholds: thresholds(parts)?,
            linear: linear(parts)?,
            quick: Lazy::default(),
        };
        match model.fault() {
            Some(fault) => Err(parts.damaged(fault)),
            None => Ok(model),
        }
    }

    fn attribute(&self, x: &Design<'_>) -> Option<(Vec<f64>, Vec<f64>)> {
        let Shapley { values, base } = self.shap_values(x).ok()?;
        Some((values, base))
    }

    fn attributes(&self) -> bool {
        !self.is_linear()
    }

    fn attribute_cost(&self) -> f64 {
        self.shap_cost()
    }

    fn told(&self, names: &Names<'_>) -> Json {
        self.told_by(names)
    }
}

/// The thresholds that ranks are taken among; none where trees are our own.
fn thresholds(parts: &Parts) -> Result<Vec<Vec<f64>>> {
    if !parts.blobs.contains_key("thresholds") {
        return Ok(Vec::new());
    }
    let (mut left, counts): (&[f64], &[u32]) = (parts.get("thresholds")?, parts.get("threshold_counts")?);
    let mut all = Vec::with_capacity(counts.len());
    for &count in counts {
        let (some, rest) =
            left.split_at_checked(count as usize).ok_or_else(|| parts.damaged("thresholds are missing"))?;
        all.push(some.to_vec());
        left = rest;
    }
    Ok(all)
}

/// The linear functions in leaves; none where leaves hold numbers.
fn linear(parts: &Parts) -> Result<Option<Linear>> {
    if !parts.blobs.contains_key("slope_ends") {
        return Ok(None);
    }
    Ok(Some(Linear {
        ends: parts.get::<u32>("slope_ends")?.to_vec(),
        intercepts: parts.get::<f64>("intercept")?.to_vec(),
        features: parts.get::<u32>("slope_feature")?.to_vec(),
        slopes: parts.get::<f64>("slope")?.to_vec(),
    }))
}

impl Ensemble {
    /// What is wrong with it, if anything.
    pub(super) fn fault(&self) -> Option<String> {
        let (nodes, leaves) = (self.nodes.len(), self.leaf_cover.len());
        let features = self.shapes.iter().map(|s| s.width()).try_fold(0usize, usize::checked_add);
        if features.is_none_or(|features| features >= FEATURES as usize) {
            return Some("too many features".into());
        }
        if self.outputs == 0 || self.base.len() != self.outputs || (self.width != 1 && self.width != self.outputs) {
            return Some("the numbers of its answers do not agree".into());
        }
        let of_one = [Link::Identity, Link::Exp, Link::Sigmoid, Link::Logistic, Link::Mean];
        if of_one.contains(&self.link) && self.outputs != 1 {
            return Some("its link does not fit its answers".into());
        }
        if self.node_cover.len() != nodes || leaves.checked_mul(self.width) != Some(self.values.len()) {
            return Some("the lengths of its arrays differ".into());
        }
        if self.ends.last().map_or((0, 0), |e| (e.0 as usize, e.1 as usize)) != (nodes, leaves) {
            return Some("its trees do not end where its nodes do".into());
        }
        if nodes > i32::MAX as usize || leaves > i32::MAX as usize {
            return Some("too many nodes".into());
        }
        if !self.thresholds.iter().all(|all| all.is_sorted_by(|a, b| a < b)) {
            return Some("thresholds are out of order".into());
        }
        let good = |numbers: &[f64]| numbers.iter().all(|x| x.is_finite());
        if !(good(&self.base) && good(&self.values) && good(&self.node_cover) && good(&self.leaf_cover)) {
            return Some("a number is not finite".into());
        }
        let kinds: Vec<Shape> =
            self.shapes.iter().flat_map(|&shape| std::iter::repeat_n(shape, shape.width())).collect();
        if let Some(linear) = &self.linear {
            let numbers: Vec<bool> = kinds.iter().map(|kind| matches!(kind, Shape::Number | Shape::Block(_))).collect();
            if self.width != 1 {
                return Some("linear functions have one answer a leaf".into());
            }
            if let Some(fault) = linear.fault(leaves, &numbers) {
                return Some(fault.into());
            }
        }
        (0..self.trees())
            .find_map(|tree| self.tree_fault(tree, &kinds).map(|fault| format!("tree {tree}: {fault}")))
            .or_else(|| (self.depth() > DEEPEST as usize).then(|| "a tree is too deep".into()))
    }

    fn tree_fault(&self, tree: usize, kinds: &[Shape]) -> Option<&'static str> {
        let ((node_start, leaf_start), (node_end, leaf_end)) = (self.start(tree), self.ends[tree]);
        if node_end < node_start || leaf_end <= leaf_start || node_end as usize > self.nodes.len() {
            return Some("it does not end after it begins");
        }
        if node_end - node_start + 1 != leaf_end - leaf_start {
            return Some("it has not one leaf more than nodes");
        }
        let mut hung = vec![false; (node_end - node_start) as usize];
        let mut hung_leaves = vec![false; (leaf_end - leaf_start) as usize];
        for at in node_start..node_end {
            let node = &self.nodes[at as usize];
            for child in [node.left, node.right] {
                let place = if child >= 0 {
                    let within = child as u32 > at && (child as u32) < node_end;
                    within.then(|| &mut hung[(child as u32 - node_start) as usize])
                } else {
                    let leaf = !child as u32;
                    let within = leaf >= leaf_start && leaf < leaf_end;
                    within.then(|| &mut hung_leaves[(leaf - leaf_start) as usize])
                };
                match place {
                    Some(taken) if !*taken => *taken = true,
                    _ => return Some("a child is out of place"),
                }
            }
            let Some(shape) = kinds.get((node.feature & (FEATURES - 1)) as usize) else {
                return Some("it asks for a feature that is not there");
            };
            if (node.feature & CATEGORY != 0) != shape.is_level() {
                return Some("it asks a number for its level, or the reverse");
            }
            if node.feature & CATEGORY == 0 {
                if f32::from_bits(node.cut).is_nan() {
                    return Some("a threshold is not a number");
                }
            } else {
                let words = self.sets.get(node.cut as usize).map(|&words| words as usize);
                if words.is_none_or(|words| self.sets.len() - node.cut as usize - 1 < words) {
                    return Some("a set of levels is not there");
                }
            }
        }
        // As many hang as there are, none twice: all but the root hang.
        (node_end > node_start && hung[0]).then_some("its root hangs from a node")
    }
}
