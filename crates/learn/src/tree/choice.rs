//! Which features a leaf may be split by: those drawn for its tree, its level and itself, as far as the
//! interactions that are allowed go on from the features above it.

use arkwright_core::Random;
use std::sync::Arc;

/// The choice of features in one tree.
pub(super) struct Choice<'a> {
    /// Those drawn for the tree.
    pub(super) tree: Arc<[bool]>,
    /// The share of them that is drawn for each level, and of those the share for each leaf.
    pub(super) by_level: f64,
    pub(super) by_node: f64,
    /// Sets of features; all that a path asks about lie in one of them. Empty: no limit.
    pub(super) interactions: &'a [Vec<usize>],
    /// Random numbers by purpose.
    pub(super) random: &'a (dyn Fn(&str) -> Random + Sync),
}

impl Choice<'_> {
    /// The features that a leaf at some depth may be split by. `used` are those above it; `node` is its number in
    /// the tree.
    pub(super) fn open(&self, used: &[usize], depth: u32, node: usize) -> Arc<[bool]> {
        if self.by_level >= 1.0 && self.by_node >= 1.0 && self.interactions.is_empty() {
            return self.tree.clone();
        }
        let mut open: Vec<bool> = self.tree.to_vec();
        self.draw(&mut open, self.by_level, || format!("level {depth}"));
        if !self.interactions.is_empty() && !used.is_empty() {
            let mut together = vec![false; open.len()];
            let around = self.interactions.iter().filter(|set| used.iter().all(|feature| set.contains(feature)));
            around.flatten().for_each(|&feature| together[feature] = true);
            open.iter_mut().zip(together).for_each(|(open, together)| *open &= together);
        }
        self.draw(&mut open, self.by_node, || format!("node {node}"));
        open.into()
    }

    fn draw(&self, open: &mut [bool], share: f64, purpose: impl Fn() -> String) {
        if share >= 1.0 {
            return;
        }
        let all: Vec<usize> = (0..open.len()).filter(|&feature| open[feature]).collect();
        let wanted = ((all.len() as f64 * share).round() as usize).max(1).min(all.len());
        open.fill(false);
        for at in (self.random)(&purpose()).sample(all.len(), wanted) {
            open[all[at]] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_within_a_set_and_draws_are_shares() {
        let random = |purpose: &str| Random::new(1, purpose);
        let interactions = vec![vec![0, 1], vec![1, 2, 3], (4..20).collect()];
        let choice = |by_node| Choice {
            tree: vec![true; 20].into(),
            by_level: 1.0,
            by_node,
            interactions: &interactions,
            random: &random,
        };
        let open = |used: &[usize]| -> Vec<usize> {
            let open = choice(1.0).open(used, used.len() as u32, 0);
            (0..20).filter(|&feature| open[feature]).collect()
        };
        assert_eq!(open(&[]).len(), 20);
        assert_eq!(open(&[0]), [0, 1]);
        assert_eq!(open(&[1]), [0, 1, 2, 3]);
        assert_eq!(open(&[1, 3]), [1, 2, 3]);
        assert_eq!(choice(0.25).open(&[5], 1, 3).iter().filter(|&&open| open).count(), 4);
    }
}
