//! The absolute error: a leaf answers the median, and its impurity is the mean distance from it.
//!
//! That is no sum over rows: a row more may move the median. Rows enter the left child in the order of a
//! feature's bins and leave the right one; two trees of sums over the ranks of the targets (Fenwick 1994)
//! tell the median, and the distances on both sides of it, in log n steps a row.

use super::bins::{Feature, Scale};
use super::impurity::{Item, ItemOf, Tally};
use super::node::Cut;
use super::parting::{Constant, Node, Parting, between};

/// A tally of medians.
pub(super) struct Medians;

/// The sums up to any rank, of weights and of weighted numbers.
struct Ranks {
    sums: Vec<(f64, f64)>,
}

impl Ranks {
    fn new(ranks: usize) -> Self {
        Self { sums: vec![(0.0, 0.0); ranks + 1] }
    }

    fn add(&mut self, rank: usize, weight: f64, y: f64) {
        let mut at = rank + 1;
        while at < self.sums.len() {
            self.sums[at].0 += weight;
            self.sums[at].1 += weight * y;
            at += at & at.wrapping_neg();
        }
    }

    /// The least rank up to which at least half of the weight lies, and the sums below it.
    fn middle(&self, half: f64) -> (usize, (f64, f64)) {
        let (mut at, mut below) = (0, (0.0, 0.0));
        let mut step = self.sums.len().next_power_of_two() / 2;
        while step > 0 {
            if at + step < self.sums.len() && below.0 + self.sums[at + step].0 < half {
                at += step;
                below = (below.0 + self.sums[at].0, below.1 + self.sums[at].1);
            }
            step /= 2;
        }
        (at, below)
    }

    /// The weighted distance from the median of what was added, given all of its weight and weighted sum.
    fn distance(&self, weight: f64, sum: f64, sorted: &[f64]) -> f64 {
        if weight <= 0.0 {
            return 0.0;
        }
        let (rank, below) = self.middle(weight / 2.0);
        let median = sorted[rank.min(sorted.len() - 1)];
        (median * below.0 - below.1) + ((sum - below.1) - median * (weight - below.0))
    }
}

/// The weighted median: the middle of the numbers between which the weight is halved.
fn median(items: &[ItemOf<Medians>]) -> f64 {
    let mut sorted: Vec<(f64, f64)> = items.iter().map(|item| (item.y, item.weight)).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = sorted.iter().map(|s| s.1).sum::<f64>() / 2.0;
    let mut below = 0.0;
    for (i, (y, weight)) in sorted.iter().enumerate() {
        below += weight;
        if below > half || i + 1 == sorted.len() {
            return *y;
        }
        if below == half {
            return (y + sorted[i + 1].0) / 2.0;
        }
    }
    0.0
}

impl Tally for Medians {
    type Y = f64;
    type W = f64;
    type Cell = f64;
    const ORDERED: bool = true;

    fn stride(&self) -> usize {
        2
    }

    fn add(&self, sums: &mut [f64], item: &ItemOf<Self>) {
        sums[0] += 1.0;
        sums[1] += item.weight;
    }

    fn weight(&self, sums: &[f64]) -> f64 {
        sums[1]
    }

    fn score(&self, _sums: &[f64]) -> f64 {
        0.0
    }

    fn score_of(&self, items: &[ItemOf<Self>], _sums: &[f64]) -> f64 {
        let median = median(items);
        -items.iter().map(|item| item.weight * (item.y - median).abs()).sum::<f64>()
    }

    fn key(&self, _sums: &[f64], _all: &[f64]) -> f64 {
        0.0
    }

    fn level(&self, items: &[ItemOf<Self>], _sums: &[f64], _all: &[f64]) -> f64 {
        median(items)
    }

    fn is_pure(&self, items: &[ItemOf<Self>], _sums: &[f64]) -> bool {
        items.windows(2).all(|pair| pair[0].y == pair[1].y)
    }

    fn answer(&self, items: &[ItemOf<Self>], _sums: &[f64], out: &mut Vec<f64>) {
        out.push(median(items));
    }

    fn class(_item: &ItemOf<Self>) -> usize {
        0
    }

    fn drawn(item: &ItemOf<Self>, times: u32, _class_weight: Option<f64>) -> ItemOf<Self> {
        Item { weight: item.weight * f64::from(times), ..*item }
    }

    fn constant(&self, _items: &[ItemOf<Self>]) -> f64 {
        0.0
    }

    fn seek(node: &Node<'_, Self>, index: usize, feature: &Feature) -> Result<Option<Parting>, Constant> {
        node.in_order(index, feature)
    }
}

/// The scores of a node parted after each of some places of an order of its rows.
fn scores(items: &[ItemOf<Medians>], order: &[u32], ends: &[usize]) -> Vec<f64> {
    let mut sorted: Vec<f64> = items.iter().map(|item| item.y).collect();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    let rank = |y: f64| sorted.partition_point(|s| *s < y);
    let (mut left, mut right) = (Ranks::new(sorted.len()), Ranks::new(sorted.len()));
    let (mut of_left, mut of_right) = ((0.0, 0.0), (0.0, 0.0));
    for item in items {
        right.add(rank(item.y), item.weight, item.y);
        of_right = (of_right.0 + item.weight, of_right.1 + item.weight * item.y);
    }
    let mut from = 0;
    let score = |&end: &usize| {
        for item in order[from..end].iter().map(|&i| &items[i as usize]) {
            let (rank, w, wy) = (rank(item.y), item.weight, item.weight * item.y);
            left.add(rank, w, item.y);
            right.add(rank, -w, item.y);
            of_left = (of_left.0 + w, of_left.1 + wy);
            of_right = (of_right.0 - w, of_right.1 - wy);
        }
        from = end;
        -left.distance(of_left.0, of_left.1, &sorted) - right.distance(of_right.0, of_right.1, &sorted)
    };
    ends.iter().map(score).collect()
}

impl Node<'_, Medians> {
    /// The best parting by a feature.
    fn in_order(&self, index: usize, feature: &Feature) -> Result<Option<Parting>, Constant> {
        let bin = |i: &u32| usize::from(self.rows.bin(self.items[*i as usize].row, index));
        let mut sorted: Vec<u32> = (0..self.items.len() as u32).collect();
        sorted.sort_by_key(bin);
        let mut filled: Vec<&[u32]> = sorted.chunk_by(|a, b| bin(a) == bin(b)).collect();
        if filled.len() < 2 {
            return Err(Constant);
        }
        let of = |group: &&[u32]| bin(&group[0]);
        let some_missing = filled.last().map(of) == Some(feature.count);
        let ranks = self.order.ranks(index);
        let mut orders = Vec::with_capacity(2);
        match feature.scale {
            Scale::Number(_) if some_missing => {
                orders.push(filled.clone());
                filled.rotate_right(1);
            }
            Scale::Number(_) => {}
            Scale::Level(_) if ranks.is_some() => filled.sort_by_key(|group| ranks.map_or(0, |ranks| ranks[of(group)])),
            Scale::Level(_) => {
                let middle = |group: &&[u32]| {
                    let items: Vec<_> = group.iter().map(|&i| self.items[i as usize]).collect();
                    median(&items)
                };
                filled.sort_by(|a, b| middle(a).total_cmp(&middle(b)));
            }
        }
        orders.push(filled);
        let mut best: Option<(f64, Vec<usize>, usize, Option<usize>)> = None;
        for groups in orders {
            let order: Vec<u32> = groups.concat();
            let mut ends: Vec<usize> = groups.iter().map(|group| group.len()).collect();
            (1..ends.len()).for_each(|i| ends[i] += ends[i - 1]);
            ends.pop();
            // The missing alone against all values is the last cut of the other order.
            let skipped = usize::from(of(&groups[0]) == feature.count && !feature.is_level());
            for (at, score) in scores(self.items, &order, &ends).into_iter().enumerate().skip(skipped) {
                if best.as_ref().is_none_or(|best| score > best.0) && self.are_enough(&order, ends[at]) {
                    best = Some((score, groups[..=at].iter().map(of).collect(), ends[at], groups.get(at + 1).map(of)));
                }
            }
        }
        let Some((score, taken, rows, next)) = best else { return Ok(None) };
        let missing_left = match some_missing {
            true => taken.contains(&feature.count),
            false => 2 * rows >= self.items.len(),
        };
        let values = taken.iter().copied().filter(|&bin| bin < feature.count);
        let cut = match (&feature.scale, ranks) {
            (Scale::Number(_), _) => Cut::Below(values.max().map_or(0, |last| last as u16)),
            (Scale::Level(_), Some(ranks)) => {
                let low = taken.last().map_or(0, |&bin| ranks[bin]);
                Cut::Below(between(low, next.map_or(low + 1, |bin| ranks[bin])))
            }
            (Scale::Level(_), None) => {
                let others = sorted.iter().map(bin).filter(|bin| !taken.contains(bin));
                Cut::Among(self.parted(feature.count, values, others, 2 * rows >= self.items.len()))
            }
        };
        Ok(Some(Parting { score, feature: index, cut, missing_left }))
    }

    /// Whether both children hold enough when so many rows of an order go left.
    fn are_enough(&self, order: &[u32], left: usize) -> bool {
        let weight = |rows: &[u32]| rows.iter().map(|&i| self.items[i as usize].weight).sum::<f64>();
        let enough = |rows: &[u32]| {
            rows.len() as f64 >= self.least.rows && (self.least.weight <= 0.0 || weight(rows) >= self.least.weight)
        };
        enough(&order[..left]) && enough(&order[left..])
    }
}
