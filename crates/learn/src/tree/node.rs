//! The fitted trees: flat arrays of nodes and leaves.
//!
//! A node asks one question of one feature: is it at most a threshold, or is its level among some. A child
//! is a node further on in the array, or `!leaf`. A missing value goes the way that training found better;
//! where training had none there, to the heavier child. The answer is the base plus the sum of one leaf a
//! tree, under a link.

use super::bins::{ABSENT, Feature, Scale, View};
use super::foreign::{Numbers, Reading};
use super::linear_leaf::Linear;
use super::quick::Lazy;
use crate::samples::{Column, Design};
use serde::{Deserialize, Serialize};

/// How the sum of the leaves becomes an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// The sum is the answer.
    Identity,
    /// The exponential of the sum is the answer.
    Exp,
    /// The logistic function of the sum is the answer: one number between 0 and 1.
    Sigmoid,
    /// The sum is the log-odds of the second of two classes.
    Logistic,
    /// The sums are the logarithms of the classes' odds, up to a constant.
    Softmax,
    /// Each sum is the log-odds of its class against all others; the probabilities need not add up to 1.
    OneVsRest,
    /// Each sum is the log-odds of its class against all others; the probabilities are made to add up to 1.
    OneVsAll,
    /// The mean over the trees is the answer.
    Mean,
    /// The mean over the trees is the probability of the second of two classes, or of each class.
    Probability,
}

/// What a column was when the trees were grown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Shape {
    Number,
    Level,
    Block(usize),
    /// A number that trees of another program ask for.
    Foreign(Reading),
}

impl Shape {
    pub(super) fn width(self) -> usize {
        match self {
            Self::Block(width) => width,
            _ => 1,
        }
    }

    /// Whether it is asked for a level.
    pub(super) fn is_level(self) -> bool {
        match self {
            Self::Foreign(reading) => reading.is_code(),
            shape => shape == Self::Level,
        }
    }
}

/// The shapes of a design's columns.
pub(super) fn shapes(x: &Design<'_>) -> Vec<Shape> {
    x.columns
        .iter()
        .map(|column| match column {
            Column::F32(_) | Column::F64(_) => Shape::Number,
            Column::Level { .. } => Shape::Level,
            Column::Block { width, .. } => Shape::Block(*width),
        })
        .collect()
}

/// A node: 16 bytes, four to a cache line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Node {
    /// The feature, with [`CATEGORY`] and [`MISSING_LEFT`] above.
    pub(super) feature: u32,
    /// The bits of the threshold, or where the set of levels begins.
    pub(super) cut: u32,
    pub(super) left: i32,
    pub(super) right: i32,
}

/// The node asks for a level.
pub(super) const CATEGORY: u32 = 1 << 31;
/// The missing go left.
pub(super) const MISSING_LEFT: u32 = 1 << 30;
/// Features are below.
pub(super) const FEATURES: u32 = 1 << 30;

/// Fitted trees of any kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Ensemble {
    pub(super) shapes: Vec<Shape>,
    pub(super) link: Link,
    /// Raw answers a row.
    pub(super) outputs: usize,
    /// Values a leaf: 1, where tree `t` adds to answer `t % outputs`, or `outputs`.
    pub(super) width: usize,
    pub(super) base: Vec<f64>,
    /// One past the last node and leaf of each tree.
    pub(super) ends: Vec<(u32, u32)>,
    pub(super) nodes: Vec<Node>,
    /// Rows (their weight) that went through each node in training.
    pub(super) node_cover: Vec<f64>,
    pub(super) leaf_cover: Vec<f64>,
    pub(super) values: Vec<f64>,
    /// Sets of levels: the number of words, then a bit a code.
    pub(super) sets: Vec<u32>,
    /// The thresholds that ranks are taken among, sorted, for each column; empty where there is none.
    pub(super) thresholds: Vec<Vec<f64>>,
    /// What leaves hold beside a number, where they do.
    pub(super) linear: Option<Linear>,
    /// The trees as a single row goes through them.
    pub(super) quick: Lazy,
}

/// How a grown node parts its rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cut {
    /// Bins up to this one go left.
    Below(u16),
    /// These bins go left, a bit a bin.
    Among(Box<[u64]>),
}

impl Cut {
    /// Whether a bin of values goes left.
    pub(super) fn takes(&self, bin: usize) -> bool {
        match self {
            Self::Below(last) => bin <= *last as usize,
            Self::Among(set) => set.get(bin / 64).is_some_and(|word| word >> (bin % 64) & 1 == 1),
        }
    }
}

/// A grown tree, still in bins.
#[derive(Clone, Debug, Default)]
pub(super) struct Grown {
    pub(super) branches: Vec<Branch>,
    pub(super) leaf_cover: Vec<f64>,
    /// The leaves' values, `width` each.
    pub(super) values: Vec<f64>,
}

/// A node of a grown tree; a child is a branch further on, or `!leaf`.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub(super) feature: usize,
    pub(super) cut: Cut,
    pub(super) missing_left: bool,
    pub(super) left: i32,
    pub(super) right: i32,
    pub(super) cover: f64,
}

impl Grown {
    /// Makes the cover of every branch the sum of its children's.
    pub(super) fn sum_covers(&mut self) {
        for at in (0..self.branches.len()).rev() {
            let of = |child: i32| match usize::try_from(child) {
                Ok(branch) => self.branches[branch].cover,
                Err(_) => self.leaf_cover[!child as usize],
            };
            self.branches[at].cover = of(self.branches[at].left) + of(self.branches[at].right);
        }
    }
}

impl Ensemble {
    /// No trees yet.
    pub(super) fn new(shapes: Vec<Shape>, link: Link, width: usize, base: Vec<f64>) -> Self {
        Self {
            shapes,
            link,
            outputs: base.len(),
            width,
            base,
            ends: Vec::new(),
            nodes: Vec::new(),
            node_cover: Vec::new(),
            leaf_cover: Vec::new(),
            values: Vec::new(),
            sets: Vec::new(),
            thresholds: Vec::new(),
            linear: None,
            quick: Lazy::default(),
        }
    }

    /// The number of trees.
    pub fn trees(&self) -> usize {
        self.ends.len()
    }

    /// The number of leaves of all trees.
    pub fn leaves(&self) -> usize {
        self.leaf_cover.len()
    }

    /// How the sum of the leaves becomes an answer.
    pub fn link(&self) -> Link {
        self.link
    }

    /// How many features the trees see: columns, and the numbers of blocks.
    pub fn features(&self) -> usize {
        self.shapes.iter().map(|s| s.width()).sum()
    }

    /// The first node and leaf of a tree.
    pub(super) fn start(&self, tree: usize) -> (u32, u32) {
        if tree == 0 { (0, 0) } else { self.ends[tree - 1] }
    }

    /// Where a tree begins: a node, or `!leaf` when it is but a leaf.
    #[inline]
    pub(super) fn root(&self, tree: usize) -> i32 {
        let (node, leaf) = self.start(tree);
        if node < self.ends[tree].0 { node as i32 } else { !(leaf as i32) }
    }

    /// Adds a grown tree, its bins turned into thresholds and levels.
    pub(super) fn push(&mut self, grown: &Grown, features: &[Feature]) {
        let (nodes, leaves) = (self.nodes.len() as i32, self.leaf_cover.len() as i32);
        let place = |child: i32| if child >= 0 { child + nodes } else { !(!child + leaves) };
        for branch in &grown.branches {
            let mut feature = branch.feature as u32;
            if branch.missing_left {
                feature |= MISSING_LEFT;
            }
            let cut = match (&features[branch.feature].scale, &branch.cut) {
                (Scale::Number(thresholds), Cut::Below(bin)) => {
                    thresholds.get(*bin as usize).copied().unwrap_or(f32::INFINITY).to_bits()
                }
                (Scale::Number(_), Cut::Among(_)) => f32::INFINITY.to_bits(),
                (Scale::Level(bins), cut) => {
                    feature |= CATEGORY;
                    self.set(bins, features[branch.feature].count, cut, branch.missing_left)
                }
            };
            self.nodes.push(Node { feature, cut, left: place(branch.left), right: place(branch.right) });
            self.node_cover.push(branch.cover);
        }
        self.leaf_cover.extend(&grown.leaf_cover);
        self.values.extend(&grown.values);
        self.ends.push((self.nodes.len() as u32, self.leaf_cover.len() as u32));
        self.quick = Lazy::default();
    }

    /// Adds a set of codes; a code that was never seen goes with the missing.
    fn set(&mut self, bins: &[u16], count: usize, cut: &Cut, missing_left: bool) -> u32 {
        let at = self.sets.len();
        let words = bins.len().div_ceil(32);
        self.sets.push(words as u32);
        self.sets.resize(at + 1 + words, 0);
        for code in 0..32 * words {
            let bin = bins.get(code).map_or(count, |&bin| bin as usize);
            if if bin < count { cut.takes(bin) } else { missing_left } {
                self.sets[at + 1 + code / 32] |= 1 << (code % 32);
            }
        }
        at as u32
    }

    /// Keeps the first trees only.
    pub(super) fn truncate(&mut self, trees: usize) {
        self.ends.truncate(trees);
        let (nodes, leaves) = self.ends.last().copied().unwrap_or_default();
        self.nodes.truncate(nodes as usize);
        self.node_cover.truncate(nodes as usize);
        self.leaf_cover.truncate(leaves as usize);
        self.values.truncate(leaves as usize * self.width);
        if let Some(linear) = &mut self.linear {
            linear.truncate(leaves as usize);
        }
        self.quick = Lazy::default();
    }

    /// The features of a design as these trees see them; what does not fit is missing.
    pub(super) fn views<'a>(&'a self, x: &Design<'a>) -> Vec<Option<View<'a>>> {
        let mut all = Vec::with_capacity(self.features());
        for (place, shape) in self.shapes.iter().enumerate() {
            match (shape, x.columns.get(place).copied()) {
                (Shape::Number, Some(Column::F32(values))) => all.push(Some(View::F32(values))),
                (Shape::Number, Some(Column::F64(values))) => all.push(Some(View::F64(values))),
                (Shape::Level, Some(Column::Level { codes, levels })) => all.push(Some(View::Level { codes, levels })),
                (Shape::Block(wanted), Some(Column::Block { values, width })) if *wanted == width => {
                    all.extend((0..width).map(|at| Some(View::Part { values, width, at })));
                }
                (Shape::Foreign(reading), Some(column)) => {
                    let thresholds = self.thresholds.get(place).map_or(&[][..], Vec::as_slice);
                    let view = |values| View::Foreign { values, reading: *reading, thresholds };
                    all.push(Numbers::of(column).map(view));
                }
                (shape, _) => all.extend((0..shape.width()).map(|_| None)),
            }
        }
        all
    }

    /// Writes the bits of a row, one a feature.
    #[inline]
    pub(super) fn gather(views: &[Option<View<'_>>], row: usize, out: &mut [u32]) {
        for (bits, view) in out.iter_mut().zip(views) {
            *bits = view.map_or(ABSENT, |view| view.bits(row));
        }
    }
}
