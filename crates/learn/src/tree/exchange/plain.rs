//! Our trees as other programs want them: each on its own, the base in the leaves of the first, and what a node
//! asks in terms of values, however it is kept here.

use super::Input;
use crate::tree::foreign::Reading;
use crate::tree::node::{CATEGORY, Ensemble, FEATURES, Link, MISSING_LEFT, Node, Shape};
use arkwright_core::{Error, Result};

/// A tree.
pub(super) struct Plain {
    pub(super) nodes: Vec<Asked>,
    /// The leaves' values: one each, or one an output.
    pub(super) values: Vec<f64>,
    pub(super) leaf_cover: Vec<f64>,
}

/// A node; a child is a node further on in the tree, or `!leaf`.
pub(super) struct Asked {
    pub(super) feature: usize,
    pub(super) question: Question,
    pub(super) missing_left: bool,
    pub(super) left: i32,
    pub(super) right: i32,
    pub(super) cover: f64,
}

/// What sends a row left.
pub(super) enum Question {
    /// To be at most the threshold.
    Number {
        /// For values as they are.
        threshold: f64,
        /// For values that are `f32`.
        single: f32,
        /// Whether 0 counts as missing.
        zero_is_missing: bool,
    },
    /// To be among the codes that go left, where all known codes go either left or right.
    Codes { left: Vec<u32>, right: Vec<u32>, unseen_left: bool },
}

impl Ensemble {
    /// The trees, one by one, their leaves' values multiplied by `scale`.
    ///
    /// # Errors
    /// When the inputs are not as many as the features.
    pub(super) fn plain(&self, inputs: &[Input], scale: f64) -> Result<Vec<Plain>> {
        if inputs.len() != self.features() {
            let features = self.features();
            return Err(Error::data(format!("there are {} names for {features} features", inputs.len())));
        }
        let shapes: Vec<Shape> = self.shapes.iter().flat_map(|&s| std::iter::repeat_n(s, s.width())).collect();
        let mut trees: Vec<Plain> = (0..self.trees()).map(|tree| self.plain_tree(tree, inputs, &shapes)).collect();
        // A file without trees tells no base.
        while trees.len() < self.outputs / self.width {
            trees.push(Plain { nodes: Vec::new(), values: vec![0.0; self.width], leaf_cover: vec![1.0] });
        }
        for (tree, base) in trees.iter_mut().zip(self.base.chunks(self.width)) {
            tree.values.iter_mut().zip(base.iter().cycle()).for_each(|(value, base)| *value += base);
        }
        trees.iter_mut().flat_map(|tree| &mut tree.values).for_each(|value| *value *= scale);
        Ok(trees)
    }

    /// What the leaves of a mean are multiplied by, so that a sum gives it.
    pub(super) fn mean_scale(&self) -> f64 {
        match self.link {
            Link::Mean | Link::Probability => 1.0 / self.trees().max(1) as f64,
            _ => 1.0,
        }
    }

    fn plain_tree(&self, tree: usize, inputs: &[Input], shapes: &[Shape]) -> Plain {
        let ((node, leaf), (node_end, leaf_end)) = (self.start(tree), self.ends[tree]);
        let local = |child: i32| if child >= 0 { child - node as i32 } else { !(!child - leaf as i32) };
        let nodes = (node as usize..node_end as usize).map(|at| {
            let Node { feature, cut, left, right } = self.nodes[at];
            let (place, missing_left) = ((feature & (FEATURES - 1)) as usize, feature & MISSING_LEFT != 0);
            let question = match feature & CATEGORY {
                0 => self.number(place, f32::from_bits(cut), shapes[place]),
                _ => self.codes(cut as usize, missing_left, shapes[place], &inputs[place]),
            };
            let (left, right) = (local(left), local(right));
            Asked { feature: place, question, missing_left, left, right, cover: self.node_cover[at] }
        });
        Plain {
            nodes: nodes.collect(),
            values: self.values[leaf as usize * self.width..leaf_end as usize * self.width].to_vec(),
            leaf_cover: self.leaf_cover[leaf as usize..leaf_end as usize].to_vec(),
        }
    }

    fn number(&self, feature: usize, cut: f32, shape: Shape) -> Question {
        match shape {
            Shape::Foreign(Reading::Ranked { zero_is_missing }) => {
                // Blocks are never ranked, so a feature is a column.
                let thresholds = self.thresholds.get(feature).map_or(&[][..], Vec::as_slice);
                let threshold = thresholds.get(cut as usize).copied().unwrap_or(f64::INFINITY);
                let near = threshold as f32;
                let single = if f64::from(near) > threshold { near.next_down() } else { near };
                Question::Number { threshold, single, zero_is_missing }
            }
            Shape::Foreign(_) => Question::Number { threshold: last_near(cut), single: cut, zero_is_missing: false },
            _ => Question::Number { threshold: cut.into(), single: cut, zero_is_missing: false },
        }
    }

    fn codes(&self, set: usize, missing_left: bool, shape: Shape, input: &Input) -> Question {
        let words = 32 * self.sets[set];
        let (known, unseen_left) = match (shape, &input.levels) {
            (Shape::Foreign(Reading::CodeUpTo(last) | Reading::Exactly(last)), _) => {
                (last, self.is_among(set, last).unwrap_or(missing_left))
            }
            (_, Some(levels)) => (levels.len() as u32, missing_left),
            _ => (words, missing_left),
        };
        let (left, right) = (0..known).partition(|&code| self.is_among(set, code).unwrap_or(missing_left));
        Question::Codes { left, right, unseen_left }
    }
}

/// The largest number whose nearest `f32` is at most this one.
fn last_near(x: f32) -> f64 {
    let next = x.next_up();
    if !next.is_finite() {
        return x.into();
    }
    let middle = (f64::from(x) + f64::from(next)) / 2.0;
    // The middle goes to the even one.
    if middle as f32 == x { middle } else { middle.next_down() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_last_number_near_another_is_the_last(x in -1e30f32..1e30) {
            let last = last_near(x);
            prop_assert_eq!(last as f32, x);
            prop_assert!(last.next_up() as f32 > x);
        }
    }
}
