//! Many rows through a tree, none of them walking.
//!
//! Rows become bytes ([`ranks`](super::ranks)), 256 rows of each feature side by side. The leaves of a tree
//! are numbered from left to right, and a row stands at the first leaf of the node that it has come to.
//! Every node is asked of all rows, parents first: a row that stands at the node's first leaf, and goes
//! right, moves on to the first leaf on its right. No step waits for another or guesses, and one instruction
//! moves up to 64 rows, so that 62 nodes for all rows cost less than six for each. Where all nodes of a level
//! ask the same (symmetric trees), the answers are the bits of the leaf's number, and a level is one question.
//!
//! A single row goes the same way through 64 trees at a time, where the processor can pick 64 bytes out of
//! the row at once.
//!
//! Values are added in the order of the trees, so all ways give the same bits.

use super::bins::View;
use super::node::Ensemble;
use super::quick::lay_out;
use super::ranks::{Question, Ranks};
use super::wide::{Bytes, PLACES, Page, ROWS, Round, Sums, TREES, Way};
use std::ops::Range;

/// Leaves of a tree at most, as many as a byte can tell apart.
const LEAVES: usize = 256;
/// Bytes of a row at most: as many that the bytes of a block of rows stay in a cache.
const MOST: usize = 2048;

/// A question to the rows that stand at leaf `at`: those whose byte is above `cut` move on to leaf `to`. Of a
/// symmetric tree: their leaf has the bits of `to`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask {
    pub(super) place: u32,
    pub(super) cut: u8,
    pub(super) at: u8,
    pub(super) to: u8,
}

#[derive(Clone, Debug)]
struct Tree {
    asks: Range<usize>,
    symmetric: bool,
    /// Its values: `pages` for each output.
    first: usize,
    pages: usize,
}

/// Trees as many rows go through them: in parts, where all trees together ask for more bytes than they should.
#[derive(Clone, Debug)]
pub(super) struct Many(Vec<Part>);

/// Some of the trees.
#[derive(Clone, Debug)]
struct Part {
    /// The first tree.
    start: usize,
    way: Way,
    ranks: Ranks,
    /// Values a leaf.
    width: usize,
    /// Whether all trees are.
    symmetric: bool,
    trees: Vec<Tree>,
    asks: Vec<Ask>,
    /// The leaves' values from left to right, in pages of 64.
    values: Vec<f64>,
    /// The same for a way that permutes; else empty.
    pages: Vec<Page>,
    /// The questions of 64 trees at a time, with where they end; empty where a single row goes another way.
    rounds: Vec<Round>,
    ends: Vec<usize>,
}

impl Many {
    /// `None` where a tree has too many leaves, or asks for too many bytes, or a leaf holds more than a number.
    pub(super) fn of(model: &Ensemble, way: Way) -> Option<Self> {
        if model.linear.is_some() {
            return None;
        }
        let most = (0..model.trees()).map(|tree| model.ends[tree].1 - model.start(tree).1).max()?;
        let mut all = Self(Vec::new());
        (most as usize <= LEAVES && all.push(model, 0..model.trees(), way)).then_some(all)
    }

    /// Adds some trees, as few parts as may be; `false` where one alone asks for too much.
    fn push(&mut self, model: &Ensemble, trees: Range<usize>, way: Way) -> bool {
        match Part::of(model, trees.clone(), way) {
            Some(part) => self.0.push(part),
            None if trees.len() < 2 => return false,
            None => {
                let middle = trees.start + trees.len() / 2;
                return self.push(model, trees.start..middle, way) && self.push(model, middle..trees.end, way);
            }
        }
        true
    }

    /// Adds trees to the raw answers of `rows` rows, at most [`ROWS`], from `start` on; `sums` has one for
    /// each output.
    pub(super) fn add(
        &self,
        views: &[Option<View<'_>>],
        start: usize,
        rows: usize,
        trees: Range<usize>,
        sums: &mut [Sums],
    ) {
        for part in &self.0 {
            let own = part.own(&trees);
            if !own.is_empty() {
                part.add(views, start, rows, own, sums);
            }
        }
    }

    /// Adds trees to the raw answers of one row; `false` where it must go another way.
    pub(super) fn add_row(&self, row: &[u32], trees: Range<usize>, raw: &mut [f64]) -> bool {
        let can = self.0.iter().all(|part| !part.ends.is_empty());
        if can {
            self.0.iter().for_each(|part| part.add_row(row, part.own(&trees), raw));
        }
        can
    }
}

impl Part {
    fn of(model: &Ensemble, trees: Range<usize>, way: Way) -> Option<Self> {
        let nodes = model.start(trees.start).0 as usize..model.ends[trees.end - 1].0 as usize;
        let (ranks, questions) = Ranks::of(model, nodes.clone(), MOST)?;
        let mut part = Self {
            start: trees.start,
            way,
            ranks,
            width: model.width,
            symmetric: false,
            trees: Vec::with_capacity(trees.len()),
            asks: Vec::with_capacity(nodes.len()),
            values: Vec::new(),
            pages: Vec::new(),
            rounds: Vec::new(),
            ends: Vec::new(),
        };
        let question = |node: usize| questions[node - nodes.start];
        let asks: Vec<Vec<Ask>> = trees.map(|tree| part.push(model, tree, question)).collect();
        if way.permutes() {
            part.pages = part.values.as_chunks().0.iter().map(page).collect();
            part.take_rounds(&asks);
        }
        Some(part)
    }

    /// Those of some trees that are here.
    fn own(&self, trees: &Range<usize>) -> Range<usize> {
        trees.start.max(self.start)..trees.end.min(self.start + self.trees.len())
    }

    /// Adds a tree, and returns what its nodes ask one by one.
    fn push(&mut self, model: &Ensemble, tree: usize, question: impl Fn(usize) -> Question) -> Vec<Ask> {
        let (mut leaves, mut nodes) = (Vec::new(), Vec::new());
        lay_out(model, model.root(tree), &mut leaves, &mut |node, left| nodes.push((node, left)));
        // A child comes after its parent.
        nodes.sort_unstable_by_key(|(node, _)| *node);
        let ask = |(node, left): &(usize, Range<usize>)| {
            let Question { place, cut } = question(*node);
            Ask { place, cut, at: left.start as u8, to: left.end as u8 }
        };
        let asks: Vec<Ask> = nodes.iter().map(ask).collect();
        let levels = levels(&asks, leaves.len());
        let start = self.asks.len();
        self.asks.extend(levels.as_ref().unwrap_or(&asks));
        let pages = leaves.len().div_ceil(TREES).next_power_of_two();
        let first = self.values.len() / TREES;
        for output in 0..model.width {
            self.values.extend(leaves.iter().map(|&leaf| model.values[leaf as usize * model.width + output]));
            self.values.resize((first + (output + 1) * pages) * TREES, 0.0);
        }
        self.trees.push(Tree { asks: start..self.asks.len(), symmetric: levels.is_some(), first, pages });
        asks
    }

    /// Lays the questions of 64 trees side by side.
    fn take_rounds(&mut self, asks: &[Vec<Ask>]) {
        if self.ranks.places > PLACES {
            return;
        }
        self.symmetric = self.trees.iter().all(|tree| tree.symmetric);
        // What no row is above.
        let none = Round { place: [0; TREES], cut: [255; TREES], at: [0; TREES], to: [0; TREES] };
        for (trees, asks) in self.trees.chunks(TREES).zip(asks.chunks(TREES)) {
            let start = self.rounds.len();
            for (lane, (tree, asks)) in trees.iter().zip(asks).enumerate() {
                let asks = if self.symmetric { &self.asks[tree.asks.clone()] } else { asks };
                self.rounds.resize(self.rounds.len().max(start + asks.len()), none);
                for (round, ask) in self.rounds[start..].iter_mut().zip(asks) {
                    round.place[lane] = ask.place as u8;
                    (round.cut[lane], round.at[lane], round.to[lane]) = (ask.cut, ask.at, ask.to);
                }
            }
            self.ends.push(self.rounds.len());
        }
    }

    fn add(&self, views: &[Option<View<'_>>], start: usize, rows: usize, trees: Range<usize>, sums: &mut [Sums]) {
        let mut bytes = vec![Bytes([0; ROWS]); self.ranks.places];
        self.ranks.block(self.way, views, start, rows, &mut bytes);
        let mut leaves = Bytes([0; ROWS]);
        for at in trees {
            let tree = &self.trees[at - self.start];
            let asks = &self.asks[tree.asks.clone()];
            match tree.symmetric {
                true => self.way.levels(asks, &bytes, &mut leaves),
                false => self.way.leaves(asks, &bytes, &mut leaves),
            }
            let output = if self.width == 1 { at % sums.len() } else { 0 };
            for (i, sums) in sums[output..output + self.width].iter_mut().enumerate() {
                let own = tree.first + i * tree.pages..tree.first + (i + 1) * tree.pages;
                let values = &self.values[own.start * TREES..own.end * TREES];
                self.way.add(values, self.pages.get(own).unwrap_or_default(), &leaves, sums);
            }
        }
    }

    fn add_row(&self, row: &[u32], trees: Range<usize>, raw: &mut [f64]) {
        let mut bytes = [0; PLACES];
        self.ranks.row(row, &mut bytes);
        let mut leaves = [0; TREES];
        let mut start = 0;
        for (group, &end) in self.ends.iter().enumerate() {
            let first = self.start + group * TREES;
            let some = first.max(trees.start)..(first + TREES).min(trees.end);
            if !some.is_empty() {
                self.way.row(&self.rounds[start..end], self.symmetric, &bytes, &mut leaves);
            }
            for at in some {
                let (tree, leaf) = (&self.trees[at - self.start], leaves[at - first] as usize);
                if self.width == 1 {
                    let output = if raw.len() == 1 { 0 } else { at % raw.len() };
                    raw[output] += self.values[tree.first * TREES + leaf];
                } else {
                    for (i, raw) in raw.iter_mut().enumerate() {
                        *raw += self.values[(tree.first + i * tree.pages) * TREES + leaf];
                    }
                }
            }
            start = end;
        }
    }
}

/// A question a level where all nodes of a level ask the same, and every level is full.
fn levels(asks: &[Ask], leaves: usize) -> Option<Vec<Ask>> {
    if !leaves.is_power_of_two() {
        return None;
    }
    let mut levels: Vec<Ask> = Vec::new();
    for ask in asks {
        // A node of a full level has as many leaves on its left as on its right, and begins where such nodes do.
        let half = (ask.to - ask.at) as usize;
        if !half.is_power_of_two() || !(ask.at as usize).is_multiple_of(2 * half) {
            return None;
        }
        match levels.iter().find(|level| level.to as usize == half) {
            Some(level) if (level.place, level.cut) != (ask.place, ask.cut) => return None,
            Some(_) => {}
            None => levels.push(Ask { at: 0, to: half as u8, ..*ask }),
        }
    }
    Some(levels)
}

/// Values byte by byte.
fn page(values: &[f64; TREES]) -> Page {
    let bytes = values.map(f64::to_le_bytes);
    Page(std::array::from_fn(|b| std::array::from_fn(|leaf| bytes[leaf][b])))
}

#[cfg(test)]
mod tests {
    use super::super::made::Made;
    use super::*;
    use proptest::prelude::*;

    /// The raw answers of walks, one node after another.
    fn walked(model: &Ensemble, rows: &[u32], trees: Range<usize>) -> Vec<f64> {
        let mut raw = Vec::new();
        for row in rows.chunks_exact(model.features()) {
            let mut sums = model.base.clone();
            for tree in trees.clone() {
                let mut at = model.root(tree);
                while at >= 0 {
                    at = model.step(at, row);
                }
                let own = &model.values[!at as usize * model.width..][..model.width];
                match model.width {
                    1 => sums[tree % model.outputs] += own[0],
                    _ => sums.iter_mut().zip(own).for_each(|(sum, value)| *sum += value),
                }
            }
            raw.extend(sums);
        }
        raw
    }

    /// All ways that rows may go, beside the walk.
    fn all_agree(made: &mut Made, n: usize) {
        let table = made.rows(n);
        let model = &made.model;
        let k = model.outputs;
        let bits = |raw: &[f64]| raw.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        table.with(0..n, |x| {
            let (views, gathered) = (model.views(x), model.gathered(x));
            for trees in [0..model.trees(), model.trees() / 3..model.trees() / 2] {
                let expected = walked(model, &gathered, trees.clone());
                for way in Way::all() {
                    let many = Many::of(model, way).unwrap();
                    let mut sums: Vec<Sums> = model.base.iter().map(|base| Sums([*base; ROWS])).collect();
                    many.add(&views, 0, n, trees.clone(), &mut sums);
                    let mut alone = model.base.clone();
                    let went = many.add_row(&gathered[..model.features()], trees.clone(), &mut alone);
                    assert!(!went || bits(&alone) == bits(&expected[..k]), "{way:?}, one row");
                    for row in 0..n {
                        let own: Vec<f64> = sums.iter().map(|sums| sums.0[row]).collect();
                        assert_eq!(bits(&own), bits(&expected[row * k..(row + 1) * k]), "{way:?}, row {row}");
                    }
                }
            }
        });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn all_ways_give_the_bits_of_a_walk(
            seed: u64, leaves in prop::collection::vec(1usize..=256, 1..90), values in 1u64..400,
            (outputs, width) in prop_oneof![Just((1, 1)), Just((3, 1)), Just((3, 3))],
        ) {
            let mut made = Made::new(seed, outputs, width, values);
            leaves.iter().for_each(|&leaves| made.tree(leaves));
            all_agree(&mut made, 1 + seed as usize % ROWS);
        }

        #[test]
        fn symmetric_trees_give_the_bits_of_a_walk(seed: u64, depths in prop::collection::vec(0u32..=8, 1..70)) {
            let mut made = Made::new(seed, 1, 1, 90);
            depths.iter().for_each(|&depth| made.symmetric(depth));
            let many = Many::of(&made.model, Way::best()).unwrap();
            prop_assert!(many.0[0].trees.iter().zip(&depths).all(|(tree, &depth)| tree.symmetric && tree.asks.len() <= depth as usize));
            all_agree(&mut made, 1 + seed as usize % ROWS);
        }
    }

    #[test]
    fn more_thresholds_than_a_byte_tells_apart_take_more_bytes() {
        let mut made = Made::new(5, 1, 1, 3000);
        (0..60).for_each(|_| made.tree(200));
        assert!(Many::of(&made.model, Way::best()).unwrap().0[0].ranks.places > 20);
        all_agree(&mut made, ROWS);
    }

    #[test]
    fn trees_that_ask_for_many_bytes_go_in_parts() {
        let mut made = Made::new(7, 3, 1, 50_000);
        made.sets(5000);
        (0..90).for_each(|_| made.tree(256));
        assert!(Many::of(&made.model, Way::best()).unwrap().0.len() > 1);
        all_agree(&mut made, 77);
    }

    #[test]
    fn trees_too_large_for_bytes_are_walked() {
        let mut made = Made::new(6, 1, 1, 50);
        made.tree(257);
        assert!(Many::of(&made.model, Way::best()).is_none());
    }
}
