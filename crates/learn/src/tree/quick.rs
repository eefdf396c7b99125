//! One row through many small trees, without walking them: QuickScorer (Lucchese et al., SIGIR 2015).
//!
//! The leaves of a tree are the bits of a word, from left to right. A node that sends a row to its right
//! rules out the leaves on its left, whether or not a walk would have come by; when all such nodes have
//! cleared their bits, the lowest that is left is the leaf where the walk ends. The nodes of a feature are
//! sorted by threshold, so those that send a row to the right come first: they are read one after the other,
//! and there is no node to wait for and no way to guess.

use super::many::Many;
use super::node::{CATEGORY, Ensemble, FEATURES, MISSING_LEFT, Node};
use super::wide::Way;
use std::ops::Range;
use std::sync::OnceLock;

/// Trees from which on this pays.
const LEAST: usize = 8;
/// Marks of a feature's levels, at most.
const MOST: usize = 1 << 18;

/// A set of the leaves of a tree.
trait Leaves: Copy + Send + Sync {
    const COUNT: u32;
    /// All but those in a range.
    fn without(leaves: Range<u32>) -> Self;
    fn all() -> Self;
    fn and(self, other: Self) -> Self;
    fn lowest(self) -> u32;
}

macro_rules! leaves {
    ($word:ty) => {
        impl Leaves for $word {
            const COUNT: u32 = <$word>::BITS;

            fn without(leaves: Range<u32>) -> Self {
                let below = |end: u32| if end >= Self::COUNT { <$word>::MAX } else { (1 << end) - 1 };
                !(below(leaves.end) & !below(leaves.start))
            }

            fn all() -> Self {
                <$word>::MAX
            }

            fn and(self, other: Self) -> Self {
                self & other
            }

            fn lowest(self) -> u32 {
                self.trailing_zeros()
            }
        }
    };
}

leaves!(u32);
leaves!(u64);

/// What a node that sends a row to the right leaves of its tree.
#[derive(Clone, Copy, Debug)]
struct Mark<W> {
    tree: u32,
    keep: W,
}

/// The marks of a feature.
#[derive(Clone, Debug)]
enum Asked {
    /// By a number: the marks of those in `all` whose threshold is below it, or those of the missing.
    Number { all: Range<usize>, missing: Range<usize> },
    /// By a level: the marks of each code, then those of the missing and unseen.
    Level(Vec<Range<usize>>),
}

/// Trees of at most as many leaves as a word has bits.
#[derive(Clone, Debug)]
struct Marks<W> {
    features: Vec<Asked>,
    /// The thresholds of the marks of numbers, sorted within each feature.
    cuts: Vec<f32>,
    marks: Vec<Mark<W>>,
    /// The leaves of all trees, each tree's from left to right.
    leaves: Vec<u32>,
}

/// Trees as one row goes through them.
#[derive(Clone, Debug)]
enum Quick {
    Small(Marks<u32>),
    Large(Marks<u64>),
}

/// Other forms of the trees, each made when it is first asked for. They follow from the trees, and count for
/// nothing where those are compared.
#[derive(Clone, Debug, Default)]
pub(super) struct Lazy {
    quick: OnceLock<Option<Quick>>,
    many: OnceLock<Option<Many>>,
}

impl PartialEq for Lazy {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Ensemble {
    /// Calls `each(tree, leaf)` for all trees in their order; `false` where they must be walked.
    #[inline]
    pub(super) fn quick_leaves(&self, row: &[u32], each: impl FnMut(usize, usize)) -> bool {
        match self.quick.quick.get_or_init(|| Quick::of(self)) {
            Some(Quick::Small(marks)) => marks.leaves(self, row, each),
            Some(Quick::Large(marks)) => marks.leaves(self, row, each),
            None => return false,
        }
        true
    }
}

impl Lazy {
    /// The trees as many rows go through them, if they can.
    pub(super) fn many(&self, model: &Ensemble) -> Option<&Many> {
        self.many.get_or_init(|| Many::of(model, Way::best())).as_ref()
    }

    /// The same if it has been made.
    pub(super) fn many_made(&self) -> Option<&Many> {
        self.many.get()?.as_ref()
    }
}

impl Quick {
    fn of(model: &Ensemble) -> Option<Self> {
        let most = (0..model.trees()).map(|tree| model.ends[tree].1 - model.start(tree).1).max()?;
        match most {
            _ if model.trees() < LEAST => None,
            0..=32 => Marks::of(model).map(Self::Small),
            33..=64 => Marks::of(model).map(Self::Large),
            _ => None,
        }
    }
}

/// A node, with what it leaves of its tree when it sends a row to the right.
struct Judged<'a, W> {
    node: &'a Node,
    mark: Mark<W>,
}

impl<W: Leaves> Marks<W> {
    fn of(model: &Ensemble) -> Option<Self> {
        let mut leaves = Vec::with_capacity(model.leaves());
        let mut by_feature: Vec<Vec<Judged<'_, W>>> = (0..model.features()).map(|_| Vec::new()).collect();
        for tree in 0..model.trees() {
            let first = leaves.len();
            lay_out(model, model.root(tree), &mut leaves, &mut |node, left| {
                let left = (left.start - first) as u32..(left.end - first) as u32;
                let mark = Mark { tree: tree as u32, keep: W::without(left) };
                let node = &model.nodes[node];
                by_feature[(node.feature & (FEATURES - 1)) as usize].push(Judged { node, mark });
            });
        }
        let mut all =
            Self { features: Vec::with_capacity(by_feature.len()), cuts: Vec::new(), marks: Vec::new(), leaves };
        for judged in by_feature {
            let is_level = judged.first().is_some_and(|j| j.node.feature & CATEGORY != 0);
            let asked = if is_level { all.level(model, &judged)? } else { all.number(judged) };
            all.features.push(asked);
        }
        Some(all)
    }

    fn number(&mut self, mut judged: Vec<Judged<'_, W>>) -> Asked {
        let cut = |j: &Judged<'_, W>| f32::from_bits(j.node.cut);
        judged.sort_by(|a, b| cut(a).total_cmp(&cut(b)));
        let start = self.marks.len();
        self.cuts.resize(start, 0.0);
        self.cuts.extend(judged.iter().map(cut));
        self.marks.extend(judged.iter().map(|j| j.mark));
        let all = start..self.marks.len();
        let right = judged.iter().filter(|j| j.node.feature & MISSING_LEFT == 0);
        self.marks.extend(right.map(|j| j.mark));
        Asked::Number { missing: all.end..self.marks.len(), all }
    }

    /// `None` when the marks of all levels would be too many.
    fn level(&mut self, model: &Ensemble, judged: &[Judged<'_, W>]) -> Option<Asked> {
        let codes = judged.iter().map(|j| 32 * model.sets[j.node.cut as usize]).max().unwrap_or(0);
        if (codes as usize + 1).saturating_mul(judged.len()) > MOST {
            return None;
        }
        let of = |code: u32| {
            let start = self.marks.len();
            let right = judged.iter().filter(|j| {
                let missing_left = j.node.feature & MISSING_LEFT != 0;
                !model.is_among(j.node.cut as usize, code).unwrap_or(missing_left)
            });
            self.marks.extend(right.map(|j| j.mark));
            start..self.marks.len()
        };
        // The code after the last is in no set, as are all beyond it.
        Some(Asked::Level((0..=codes).map(of).collect()))
    }

    fn leaves(&self, model: &Ensemble, row: &[u32], mut each: impl FnMut(usize, usize)) {
        let mut left = vec![W::all(); model.trees()];
        for (asked, &bits) in self.features.iter().zip(row) {
            let marks = match asked {
                Asked::Number { all, missing } => {
                    let x = f32::from_bits(bits);
                    match x.is_nan() {
                        true => missing.clone(),
                        false => all.start..all.start + self.cuts[all.clone()].partition_point(|cut| *cut < x),
                    }
                }
                Asked::Level(codes) => codes[(bits as usize).min(codes.len() - 1)].clone(),
            };
            for mark in &self.marks[marks] {
                let left = &mut left[mark.tree as usize];
                *left = left.and(mark.keep);
            }
        }
        for (tree, left) in left.into_iter().enumerate() {
            let first = model.start(tree).1 as usize;
            each(tree, self.leaves[first + left.lowest() as usize] as usize);
        }
    }
}

/// Lists the leaves below a node from left to right, and tells of each node where its left ones stand.
pub(super) fn lay_out(model: &Ensemble, root: i32, leaves: &mut Vec<u32>, tell: &mut impl FnMut(usize, Range<usize>)) {
    // Trees may be deep: what is to be done next stands in a list. A node comes by again after its left side.
    let mut open = vec![(root, None)];
    while let Some((at, began)) = open.pop() {
        let Ok(node) = usize::try_from(at) else {
            leaves.push(!at as u32);
            continue;
        };
        match began {
            None => {
                open.push((at, Some(leaves.len())));
                open.push((model.nodes[node].left, None));
            }
            Some(start) => {
                tell(node, start..leaves.len());
                open.push((model.nodes[node].right, None));
            }
        }
    }
}
