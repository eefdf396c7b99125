//! Cutting a tree back (Breiman et al. 1984, minimal cost-complexity pruning).
//!
//! A branch with `l` leaves makes the whole purer than a leaf in its place by some `d`, and earns
//! `d / (l - 1)` a leaf. The branch that earns least is made a leaf, again and again: what it earned is the
//! least `ccp_alpha` that cuts it. A heap holds what each branch earns; a cut changes only the branches
//! above it, so the whole path costs n log n steps for a tree that is not too lopsided.

use super::node::{Branch, Grown};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// One of the trees that cutting back gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pruned {
    /// The least `ccp_alpha` that gives it.
    pub ccp_alpha: f64,
    /// The impurity left in its leaves, each counted by its share of the weight.
    pub impurity: f64,
    /// Its leaves.
    pub leaves: usize,
}

/// What a tree's nodes were worth when it was grown.
#[derive(Clone, Debug, Default)]
pub(super) struct Worth {
    /// The score of each branch, were it a leaf, and of each leaf.
    pub(super) branches: Vec<f64>,
    pub(super) leaves: Vec<f64>,
    /// What each branch would answer, were it a leaf.
    pub(super) values: Vec<f64>,
    /// What the scores leave out of the impurity of the whole.
    pub(super) constant: f64,
    /// The weight of the whole.
    pub(super) weight: f64,
}

/// A tree being cut back.
struct Cutting<'a> {
    grown: &'a Grown,
    worth: &'a Worth,
    parents: Vec<Option<usize>>,
    /// Of each branch, the scores of its leaves added up, and their number.
    scores: Vec<f64>,
    leaves: Vec<usize>,
    /// Whether a branch is a leaf now, or hangs below one.
    gone: Vec<bool>,
    heap: BinaryHeap<Reverse<(Earned, usize)>>,
}

/// A number that is sorted.
#[derive(Clone, Copy, PartialEq)]
struct Earned(f64);

impl Eq for Earned {}

impl PartialOrd for Earned {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Earned {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl<'a> Cutting<'a> {
    fn new(grown: &'a Grown, worth: &'a Worth) -> Self {
        let n = grown.branches.len();
        let (mut parents, mut scores, mut leaves) = (vec![None; n], vec![0.0; n], vec![0; n]);
        for at in (0..n).rev() {
            for child in [grown.branches[at].left, grown.branches[at].right] {
                match usize::try_from(child) {
                    Ok(child) => {
                        parents[child] = Some(at);
                        scores[at] += scores[child];
                        leaves[at] += leaves[child];
                    }
                    Err(_) => {
                        scores[at] += worth.leaves[!child as usize];
                        leaves[at] += 1;
                    }
                }
            }
        }
        let mut cutting =
            Self { grown, worth, parents, scores, leaves, gone: vec![false; n], heap: BinaryHeap::with_capacity(n) };
        (0..n).for_each(|at| cutting.offer(at));
        cutting
    }

    /// What a branch earns a leaf.
    fn earned(&self, at: usize) -> f64 {
        // Rounding may make nothing a little less than nothing.
        let purer = (self.scores[at] - self.worth.branches[at]).max(0.0);
        purer / self.worth.weight / (self.leaves[at] - 1) as f64
    }

    fn offer(&mut self, at: usize) {
        self.heap.push(Reverse((Earned(self.earned(at)), at)));
    }

    /// The branch that earns least, if any is left.
    fn next(&mut self) -> Option<(f64, usize)> {
        while let Some(&Reverse((Earned(earned), at))) = self.heap.peek() {
            // What was offered before a cut below it, or lies below one itself, no longer counts.
            if !self.gone[at] && earned == self.earned(at) {
                return Some((earned, at));
            }
            self.heap.pop();
        }
        None
    }

    /// Makes a branch a leaf.
    fn cut(&mut self, at: usize) {
        let mut below = vec![at];
        while let Some(at) = below.pop() {
            self.gone[at] = true;
            let Branch { left, right, .. } = self.grown.branches[at];
            below.extend([left, right].into_iter().filter_map(|c| usize::try_from(c).ok()).filter(|&c| !self.gone[c]));
        }
        let (score, leaves) = (self.worth.branches[at] - self.scores[at], self.leaves[at] - 1);
        let mut above = self.parents[at];
        while let Some(at) = above {
            self.scores[at] += score;
            self.leaves[at] -= leaves;
            self.offer(at);
            above = self.parents[at];
        }
        (self.scores[at], self.leaves[at]) = (self.worth.branches[at], 1);
    }
}

/// The trees that cutting back gives, from the whole tree on.
pub(super) fn path(grown: &Grown, worth: &Worth) -> Vec<Pruned> {
    let mut cutting = Cutting::new(grown, worth);
    let step = |cutting: &Cutting<'_>, ccp_alpha: f64| {
        let score = cutting.scores.first().or(worth.leaves.first()).copied().unwrap_or(0.0);
        let leaves = cutting.leaves.first().copied().unwrap_or(1);
        Pruned { ccp_alpha, impurity: (worth.constant - score) / worth.weight, leaves }
    };
    let mut path = vec![step(&cutting, 0.0)];
    while let Some((earned, at)) = cutting.next() {
        cutting.cut(at);
        // By rounding, a cut above may seem to earn a little less than one below it did.
        let alpha = path.last().map_or(earned, |last: &Pruned| last.ccp_alpha.max(earned));
        path.push(step(&cutting, alpha));
    }
    path
}

/// Cuts back every branch that earns at most `alpha` a leaf.
pub(super) fn prune(grown: Grown, worth: &Worth, alpha: f64) -> Grown {
    let mut cutting = Cutting::new(&grown, worth);
    while let Some((_, at)) = cutting.next().filter(|next| next.0 <= alpha) {
        cutting.cut(at);
    }
    if cutting.gone.is_empty() {
        return grown;
    }
    let width = grown.values.len() / grown.leaf_cover.len();
    let (mut kept, mut stack) = (Grown::default(), vec![(0i32, None)]);
    while let Some((at, parent)) = stack.pop() {
        let branch = usize::try_from(at).ok().filter(|&at| !cutting.gone[at]);
        let place = match branch {
            Some(_) => kept.branches.len() as i32,
            None => !(kept.leaf_cover.len() as i32),
        };
        kept.hang(parent, place);
        if let Some(at) = branch {
            let branch = &grown.branches[at];
            let parent = kept.branches.len();
            kept.branches.push(branch.clone());
            stack.push((branch.right, Some((parent, false))));
            stack.push((branch.left, Some((parent, true))));
        } else {
            let of = |values: &[f64], at: usize| values[at * width..(at + 1) * width].to_vec();
            let (cover, values) = match usize::try_from(at) {
                Ok(at) => (grown.branches[at].cover, of(&worth.values, at)),
                Err(_) => (grown.leaf_cover[!at as usize], of(&grown.values, !at as usize)),
            };
            kept.leaf_cover.push(cover);
            kept.values.extend(values);
        }
    }
    kept.sum_covers();
    kept
}
