//! Rows that can be searched for those near to others, by the way that suits them.

use super::kd_tree::KdTree;
use super::metric::Distance;
use super::nearest::{Found, Near, Wanted};
use super::screen::Screen;
use crate::dense::Matrix;
use crate::linear::design::dot;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How near rows are looked for. The answers are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// A tree where there are few columns, else all rows.
    #[default]
    Auto,
    /// All rows, by products of matrices where the metric allows.
    Brute,
    /// A tree of boxes; not for cosines.
    KdTree,
}

/// Columns up to which a tree is faster than all rows.
const FEW: usize = 7;
/// Rows below which a tree is not worth its building.
const SMALL: usize = 256;
/// Queries answered at a time.
pub(crate) const BLOCK: usize = 240;

/// Rows to be searched.
pub(crate) struct Index {
    rows: Matrix,
    distance: Distance,
    way: Way,
}

enum Way {
    Plain,
    Screen(Screen),
    Tree(KdTree),
}

impl Index {
    /// An index of some rows.
    pub fn new(mut rows: Matrix, distance: Distance, algorithm: Algorithm, leaf_size: usize) -> Self {
        prepare(&mut rows, distance);
        let few = rows.width() <= FEW && rows.rows() >= SMALL;
        let tree = match algorithm {
            Algorithm::Auto => few,
            Algorithm::Brute => false,
            Algorithm::KdTree => true,
        };
        let way = match distance {
            Distance::Cosine => Way::Screen(Screen::new(&rows, distance)),
            _ if tree => Way::Tree(KdTree::new(&rows, leaf_size, distance)),
            Distance::Euclidean => Way::Screen(Screen::new(&rows, distance)),
            _ => Way::Plain,
        };
        Self { rows, distance, way }
    }

    /// How distances are measured.
    pub fn distance(&self) -> Distance {
        self.distance
    }

    /// What is found for each query, in their order. Queries are asked in blocks, on all threads.
    pub fn ask<T: Send>(&self, queries: &Matrix, wanted: Wanted, each: impl Fn(usize, &[Near]) -> T + Sync) -> Vec<T> {
        let mut queries = queries.clone();
        prepare(&mut queries, self.distance);
        let n = queries.rows();
        let block = |i: usize| {
            let rows = i * BLOCK..((i + 1) * BLOCK).min(n);
            let found = self.block(queries.span(rows.clone()), rows.len(), wanted);
            rows.zip(found).map(|(at, found)| each(at, &found.done())).collect::<Vec<T>>()
        };
        match n.div_ceil(BLOCK) {
            0 => Vec::new(),
            1 => block(0),
            blocks => (0..blocks).into_par_iter().map(block).collect::<Vec<_>>().into_iter().flatten().collect(),
        }
    }

    fn block(&self, queries: &[f64], count: usize, wanted: Wanted) -> Vec<Found> {
        let p = self.rows.width();
        let query = |q: usize| &queries[q * p..(q + 1) * p];
        let mut found: Vec<Found> = (0..count).map(|_| Found::new(wanted)).collect();
        match &self.way {
            Way::Plain => {
                for (q, found) in found.iter_mut().enumerate() {
                    for row in 0..self.rows.rows() {
                        found.offer(row, self.distance.reduced(query(q), self.rows.row(row)));
                    }
                }
            }
            Way::Tree(tree) => {
                for (q, found) in found.iter_mut().enumerate() {
                    tree.visit(query(q), found.limit(), |row, apart| {
                        found.offer(row, apart);
                        found.limit()
                    });
                }
            }
            Way::Screen(screen) => {
                let limits: Vec<f64> = found.iter().map(Found::limit).collect();
                screen.sweep(queries, &limits, |q, row| {
                    found[q].offer(row, self.distance.reduced(query(q), self.rows.row(row)));
                    found[q].limit()
                });
            }
        }
        found
    }
}

/// Brings rows to unit length, for cosines; a row of zeros stays one.
fn prepare(rows: &mut Matrix, distance: Distance) {
    if distance == Distance::Cosine {
        rows.each_row(|_, row| {
            let length = dot(row, row).sqrt();
            if length > 0.0 {
                row.iter_mut().for_each(|x| *x /= length);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arkwright_core::Random;
    use proptest::prelude::*;

    fn draw(random: &mut Random, n: usize, p: usize, far: f64) -> Matrix {
        // Few distinct values, so that rows are equally far; far from the origin, so that rounding matters.
        let value = |_| far + random.below(7) as f64 * if far > 0.0 { 1e-3 } else { 0.3 };
        Matrix::new((0..n * p).map(value).collect(), n, p)
    }

    proptest! {
        #[test]
        fn every_way_finds_the_same_rows(
            n in 1usize..600, p in 0usize..9, m in 1usize..20, k in 1usize..12, far in 0usize..3, seed: u64,
        ) {
            let mut random = Random::seeded(seed);
            let far = [0.0, 5.0, 1e6][far];
            let (rows, queries) = (draw(&mut random, n, p, far), draw(&mut random, m, p, far));
            for distance in [Distance::Euclidean, Distance::Manhattan, Distance::Chebyshev, Distance::Minkowski(3.0)] {
                let index = |algorithm| Index::new(rows.clone(), distance, algorithm, 5);
                let plain = Index { rows: rows.clone(), distance, way: Way::Plain };
                for wanted in [Wanted::Nearest(k), Wanted::Within(distance.reduce(0.6))] {
                    let told = plain.ask(&queries, wanted, |_, near| near.to_vec());
                    for algorithm in [Algorithm::Brute, Algorithm::KdTree] {
                        prop_assert_eq!(&told, &index(algorithm).ask(&queries, wanted, |_, near| near.to_vec()));
                    }
                }
            }
            let cosine = Index::new(rows.clone(), Distance::Cosine, Algorithm::Auto, 5);
            let plain = Index { way: Way::Plain, rows: cosine.rows.clone(), distance: Distance::Cosine };
            for wanted in [Wanted::Nearest(k), Wanted::Within(0.01)] {
                let told = plain.ask(&queries, wanted, |_, near| near.to_vec());
                prop_assert_eq!(told, cosine.ask(&queries, wanted, |_, near| near.to_vec()));
            }
        }
    }

    #[test]
    fn what_is_not_finite_is_near_to_nothing_and_ends_nothing() {
        let rows = Matrix::new(vec![0.0, 1.0, 1e300, f64::NAN, 2.0], 5, 1);
        let queries = Matrix::new(vec![f64::NAN, 1e300, 0.9, -1e200], 4, 1);
        for algorithm in [Algorithm::Brute, Algorithm::KdTree] {
            let index = Index::new(rows.clone(), Distance::Euclidean, algorithm, 2);
            let found =
                index.ask(&queries, Wanted::Nearest(2), |_, near| near.iter().map(|n| n.row).collect::<Vec<_>>());
            assert_eq!(found[0], Vec::<u32>::new());
            assert_eq!(found[1][0], 2);
            assert_eq!(found[2], [1, 0]);
            assert_eq!(found[3].len(), 2);
        }
    }
}
