//! Trees of any shape, made by hand for tests.

use super::node::{CATEGORY, Ensemble, Link, MISSING_LEFT, Node, Shape};
use crate::samples::{Column, Design, MISSING};
use arkwright_core::Random;

/// Trees that ask three numbers and a level of [`CODES`] codes.
pub(super) struct Made {
    pub(super) model: Ensemble,
    random: Random,
    /// Values that thresholds are drawn from.
    values: u64,
}

pub(super) const CODES: u32 = 40;
const NUMBERS: usize = 3;

impl Made {
    /// No trees yet, of leaves with `width` values, for `outputs` answers; `values` thresholds a number at most.
    pub(super) fn new(seed: u64, outputs: usize, width: usize, values: u64) -> Self {
        let shapes = [vec![Shape::Number; NUMBERS], vec![Shape::Level]].concat();
        let mut random = Random::new(seed, "trees");
        let base = (0..outputs).map(|_| random.normal()).collect();
        let link = if outputs == 1 { Link::Identity } else { Link::Softmax };
        let model = Ensemble::new(shapes, link, width, base);
        let mut made = Self { model, random, values };
        made.sets(20);
        made
    }

    /// Has as many sets of codes to ask for.
    pub(super) fn sets(&mut self, count: usize) {
        // Of one word each, and a place that no set begins at, or of two words.
        self.model.sets.clear();
        for _ in 0..count {
            let words = 1 + self.random.below(2) as u32;
            self.model.sets.extend([words, self.random.u64() as u32, self.random.u64() as u32]);
        }
    }

    /// Adds a tree of so many leaves, of any shape.
    pub(super) fn tree(&mut self, leaves: usize) {
        self.node(leaves);
        self.end();
    }

    /// Adds a tree of such a depth that asks one question a level.
    pub(super) fn symmetric(&mut self, depth: u32) {
        let questions: Vec<(u32, u32)> = (0..depth).map(|_| self.question()).collect();
        self.level(&questions);
        self.end();
    }

    fn level(&mut self, questions: &[(u32, u32)]) -> (i32, f64) {
        match questions.split_first() {
            None => self.leaf(),
            Some((question, rest)) => self.ask(*question, |made| made.level(rest), |made| made.level(rest)),
        }
    }

    fn node(&mut self, leaves: usize) -> (i32, f64) {
        if leaves < 2 {
            return self.leaf();
        }
        let left = 1 + self.random.below(leaves as u64 - 1) as usize;
        let question = self.question();
        self.ask(question, |made| made.node(left), |made| made.node(leaves - left))
    }

    fn ask(
        &mut self,
        (feature, cut): (u32, u32),
        left: impl FnOnce(&mut Self) -> (i32, f64),
        right: impl FnOnce(&mut Self) -> (i32, f64),
    ) -> (i32, f64) {
        let at = self.model.nodes.len();
        self.model.nodes.push(Node { feature, cut, left: 0, right: 0 });
        self.model.node_cover.push(0.0);
        let (left, right) = (left(self), right(self));
        (self.model.nodes[at].left, self.model.nodes[at].right) = (left.0, right.0);
        self.model.node_cover[at] = left.1 + right.1;
        (at as i32, left.1 + right.1)
    }

    fn leaf(&mut self) -> (i32, f64) {
        for _ in 0..self.model.width {
            let value = self.random.normal();
            self.model.values.push(value);
        }
        let cover = 1.0 + self.random.below(50) as f64;
        self.model.leaf_cover.push(cover);
        (!(self.model.leaf_cover.len() as i32 - 1), cover)
    }

    fn question(&mut self) -> (u32, u32) {
        let missing_left = if self.random.below(2) == 0 { MISSING_LEFT } else { 0 };
        let feature = self.random.below(NUMBERS as u64 + 1) as u32;
        if feature < NUMBERS as u32 {
            return (feature | missing_left, self.number().to_bits());
        }
        let at = 3 * self.random.below(self.model.sets.len() as u64 / 3) as u32;
        (feature | CATEGORY | missing_left, at)
    }

    /// One of the thresholds, zeros of either sign among them.
    fn number(&mut self) -> f32 {
        let place = self.random.below(self.values) as f32 - (self.values / 2) as f32;
        if self.random.below(2) == 0 { place } else { -place }
    }

    fn end(&mut self) {
        self.model.ends.push((self.model.nodes.len() as u32, self.model.leaf_cover.len() as u32));
    }

    /// Rows on and between the thresholds, and some that miss values.
    pub(super) fn rows(&mut self, n: usize) -> Table {
        let mut table = Table { numbers: vec![Vec::new(); NUMBERS], codes: Vec::new() };
        for _ in 0..n {
            for numbers in &mut table.numbers {
                let x = self.number() + 0.25 * self.random.below(3) as f32;
                numbers.push(if self.random.below(9) == 0 { f32::NAN } else { x });
            }
            let code = self.random.below(u64::from(CODES) + 30) as u32;
            table.codes.push(if code < CODES { code } else { MISSING });
        }
        table
    }
}

/// Rows for made trees.
pub(super) struct Table {
    numbers: Vec<Vec<f32>>,
    codes: Vec<u32>,
}

impl Table {
    /// Calls with some of the rows.
    pub(super) fn with<T>(&self, rows: std::ops::Range<usize>, then: impl FnOnce(&Design<'_>) -> T) -> T {
        let mut columns: Vec<Column<'_>> = self.numbers.iter().map(|x| Column::F32(&x[rows.clone()])).collect();
        columns.push(Column::Level { codes: &self.codes[rows.clone()], levels: CODES });
        then(&Design { columns: &columns, rows: rows.len() })
    }
}
