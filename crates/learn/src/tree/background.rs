//! Which columns moved an answer away from those of other rows: interventional SHAP values of trees (Lundberg
//! et al. 2020).
//!
//! A row is compared with one row of the background at a time: a column that is unknown has the background's
//! value. Both go down a tree together. Where a question parts them, the ways of both are gone: on the row's
//! the feature must be known, on the background's it must not, and further down the feature is asked of
//! whoever it belongs to. A leaf for which `a` features must be known and `b` must not is reached by
//! `(a - 1)! b! / (a + b)!` of the orders in which one of the `a` comes last of them and before the `b`.

use super::node::{Ensemble, FEATURES, Node};
use super::outputs::Shapley;
use crate::samples::Design;
use rayon::prelude::*;

/// Whose value a feature has.
#[derive(Clone, Copy, PartialEq)]
enum Owner {
    Open,
    Row,
    Background,
}

/// A row and one of the background on their way down a tree.
struct Pair<'a> {
    nodes: &'a [Node],
    /// The number of the first node, and which side the two go at each.
    first: usize,
    row: &'a [bool],
    background: &'a [bool],
    /// A leaf's value for the output at hand.
    value: &'a dyn Fn(usize) -> f64,
    shares: &'a Shares,
    owners: &'a mut [Owner],
    /// What each feature moved.
    own: &'a mut [f64],
}

/// `(a - 1)! b! / (a + b)!` for all `a` and `b` that occur.
struct Shares {
    side: usize,
    all: Vec<f64>,
}

impl Shares {
    fn new(most: usize) -> Self {
        let side = most + 1;
        let mut all = vec![0.0; side * side];
        for a in 1..side {
            for b in 0..side {
                all[a * side + b] = match a {
                    1 => 1.0 / (b + 1) as f64,
                    _ => all[(a - 1) * side + b] * (a - 1) as f64 / (a + b) as f64,
                };
            }
        }
        Self { side, all }
    }

    fn of(&self, a: usize, b: usize) -> f64 {
        self.all[a * self.side + b]
    }
}

impl Ensemble {
    pub(super) fn against(&self, x: &Design<'_>, background: &Design<'_>) -> Shapley {
        let (k, p, m) = (self.outputs, self.shapes.len(), background.rows);
        let (scale, columns) = (self.scale(), self.columns_of_features());
        let theirs: Vec<Vec<bool>> =
            self.gathered(background).chunks(columns.len().max(1)).map(|row| self.sides(row)).collect();
        let ours = self.gathered(x);
        let shares = Shares::new(self.depth().min(columns.len()));
        let mut values = vec![0.0; x.rows * k * p];
        if !columns.is_empty() {
            values.par_chunks_mut(k * p).zip(ours.par_chunks(columns.len())).for_each(|(values, row)| {
                let (row, mut owners) = (self.sides(row), vec![Owner::Open; columns.len()]);
                let mut own = vec![0.0; k * columns.len()];
                for background in &theirs {
                    for tree in 0..self.trees() {
                        let within = self.start(tree).0 as usize..self.ends[tree].0 as usize;
                        for (output, first, every) in self.addends(tree) {
                            let mut pair = Pair {
                                nodes: &self.nodes[within.clone()],
                                first: within.start,
                                row: &row[within.clone()],
                                background: &background[within.clone()],
                                value: &|leaf| self.values[leaf * every + first],
                                shares: &shares,
                                owners: &mut owners,
                                own: &mut own[output * columns.len()..(output + 1) * columns.len()],
                            };
                            pair.go(self.root(tree), 0, 0);
                        }
                    }
                }
                for (place, own) in own.into_iter().enumerate() {
                    values[place / columns.len() * p + columns[place % columns.len()]] += own * scale / m as f64;
                }
            });
        }
        let mut base = vec![0.0; k];
        for raw in self.raw(background, 0..self.rounds()).chunks_exact(k) {
            base.iter_mut().zip(raw).for_each(|(sum, raw)| *sum += raw / m as f64);
        }
        base.iter_mut().zip(&self.base).for_each(|(sum, base)| *sum = base + (*sum - base) * scale);
        Shapley { values, base }
    }

    /// Whether a gathered row goes right, at each node.
    fn sides(&self, row: &[u32]) -> Vec<bool> {
        self.nodes.iter().enumerate().map(|(at, node)| self.step(at as i32, row) == node.right).collect()
    }
}

impl Pair<'_> {
    /// Goes on from a node, or to a leaf, where `a` features must be known and `b` must not. What the leaves
    /// below give to each of the `a`, and take from each of the `b`.
    fn go(&mut self, at: i32, a: usize, b: usize) -> (f64, f64) {
        let Ok(node) = usize::try_from(at) else {
            let value = (self.value)(!at as usize);
            return (value * self.shares.of(a, b), value * self.shares.of(b, a));
        };
        let node_at = node - self.first;
        let node = &self.nodes[node_at];
        let feature = (node.feature & (FEATURES - 1)) as usize;
        let child = |right: bool| if right { node.right } else { node.left };
        let (mine, theirs) = (child(self.row[node_at]), child(self.background[node_at]));
        match self.owners[feature] {
            Owner::Row => self.go(mine, a, b),
            Owner::Background => self.go(theirs, a, b),
            Owner::Open if mine == theirs => self.go(mine, a, b),
            Owner::Open => {
                self.owners[feature] = Owner::Row;
                let known = self.go(mine, a + 1, b);
                self.owners[feature] = Owner::Background;
                let unknown = self.go(theirs, a, b + 1);
                self.owners[feature] = Owner::Open;
                self.own[feature] += known.0 - unknown.1;
                (known.0 + unknown.0, known.1 + unknown.1)
            }
        }
    }
}
