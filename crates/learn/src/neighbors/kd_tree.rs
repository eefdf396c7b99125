//! A KD-tree: rows in boxes within boxes, halved across the widest side (Bentley 1975; Friedman, Bentley & Finkel 1977).
//!
//! A query goes into the nearer half first and leaves out a box that lies farther away than what it wants still reaches. The
//! gap to a box is summed as a distance is, column by column, and is in no column longer, so that no near row is lost to
//! rounding. Building costs n log n comparisons times p; a query about log n boxes where p is small, and all rows where p is large:
//! beyond some ten columns the sieve of `screen` is faster.

use super::metric::Distance;
use crate::dense::Matrix;

/// The tree, its rows put in the order of the leaves.
pub(super) struct KdTree {
    nodes: Vec<Node>,
    /// Lower and upper sides, 2 p numbers a node.
    sides: Vec<f64>,
    rows: Matrix,
    /// Where each row was.
    places: Vec<u32>,
    distance: Distance,
}

struct Node {
    start: usize,
    end: usize,
    /// The second half; the first is the next node. 0 for a leaf.
    second: usize,
}

impl KdTree {
    /// The tree of some rows; leaves hold at most `leaf_size`.
    pub fn new(rows: &Matrix, leaf_size: usize, distance: Distance) -> Self {
        let mut places: Vec<u32> = (0..rows.rows() as u32).collect();
        let mut tree = Self { nodes: Vec::new(), sides: Vec::new(), rows: rows.take(0..0), places: vec![], distance };
        tree.grow(rows, &mut places, 0, leaf_size.max(1));
        tree.rows = rows.take(places.iter().map(|&i| i as usize));
        tree.places = places;
        tree
    }

    fn grow(&mut self, rows: &Matrix, places: &mut [u32], start: usize, leaf_size: usize) {
        let p = rows.width();
        let (mut low, mut high) = (vec![f64::INFINITY; p], vec![f64::NEG_INFINITY; p]);
        for &i in places.iter() {
            for ((low, high), x) in low.iter_mut().zip(&mut high).zip(rows.row(i as usize)) {
                (*low, *high) = (low.min(*x), high.max(*x));
            }
        }
        let widest = (0..p).max_by(|&a, &b| (high[a] - low[a]).total_cmp(&(high[b] - low[b])));
        let here = self.nodes.len();
        self.nodes.push(Node { start, end: start + places.len(), second: 0 });
        let (split, spread) = widest.map_or((0, 0.0), |j| (j, high[j] - low[j]));
        self.sides.extend(low);
        self.sides.extend(high);
        // Rows in one place need no halves.
        if places.len() <= leaf_size || spread.is_nan() || spread <= 0.0 {
            return;
        }
        let half = places.len() / 2;
        places.select_nth_unstable_by(half, |&a, &b| {
            rows.row(a as usize)[split].total_cmp(&rows.row(b as usize)[split]).then(a.cmp(&b))
        });
        let (first, second) = places.split_at_mut(half);
        self.grow(rows, first, start, leaf_size);
        self.nodes[here].second = self.nodes.len();
        self.grow(rows, second, start + half, leaf_size);
    }

    /// Calls `meet` with each row that may be as near as the limit, and its reduced distance; `meet` gives the new limit.
    pub fn visit(&self, query: &[f64], mut limit: f64, mut meet: impl FnMut(usize, f64) -> f64) {
        let mut waiting = vec![(0, self.gap(0, query))];
        while let Some((at, gap)) = waiting.pop() {
            // Powers are not rounded the same way everywhere: a hair is allowed for.
            if gap * (1.0 - 1e-12) > limit {
                continue;
            }
            let node = &self.nodes[at];
            if node.second == 0 {
                for i in node.start..node.end {
                    let apart = self.distance.reduced(query, self.rows.row(i));
                    if apart <= limit {
                        limit = meet(self.places[i] as usize, apart);
                    }
                }
                continue;
            }
            let (first, second) = ((at + 1, self.gap(at + 1, query)), (node.second, self.gap(node.second, query)));
            // The nearer is taken first: it is put last.
            waiting.extend(if first.1 <= second.1 { [second, first] } else { [first, second] });
        }
    }

    fn gap(&self, node: usize, query: &[f64]) -> f64 {
        let p = query.len();
        let (low, high) = self.sides[2 * p * node..2 * p * (node + 1)].split_at(p);
        self.distance.gap(p, |i| {
            let x = query[i];
            if x < low[i] {
                low[i] - x
            } else if x > high[i] {
                x - high[i]
            } else {
                0.0
            }
        })
    }
}
