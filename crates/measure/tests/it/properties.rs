//! What holds for any input: whole weights are repetition, order does not matter, classes can be renamed.

use arkwright_measure::{Metric, Predicted, Task, Truth};
use proptest::prelude::*;

#[derive(Debug, Clone)]
struct Rows {
    codes: Vec<u32>,
    probabilities: Vec<Vec<f64>>,
    truth: Vec<f64>,
    predicted: Vec<f64>,
    counts: Vec<u8>,
}

fn rows(count: u32) -> impl Strategy<Value = Rows> {
    let row = (0..count, prop::collection::vec(0_u8..6, count as usize), 1_u8..9, 1_u8..9, 0_u8..4);
    prop::collection::vec(row, 4..40).prop_map(|rows| Rows {
        codes: rows.iter().map(|r| r.0).collect(),
        probabilities: rows
            .iter()
            .map(|r| {
                let p: Vec<f64> = r.1.iter().map(|&v| f64::from(v) + 0.25).collect();
                let sum: f64 = p.iter().sum();
                p.iter().map(|v| v / sum).collect()
            })
            .collect(),
        truth: rows.iter().map(|r| f64::from(r.2) / 2.0).collect(),
        predicted: rows.iter().map(|r| f64::from(r.3) / 2.0).collect(),
        counts: rows.iter().map(|r| r.4).collect(),
    })
}

impl Rows {
    fn take(&self, order: &[usize]) -> Rows {
        Rows {
            codes: order.iter().map(|&i| self.codes[i]).collect(),
            probabilities: order.iter().map(|&i| self.probabilities[i].clone()).collect(),
            truth: order.iter().map(|&i| self.truth[i]).collect(),
            predicted: order.iter().map(|&i| self.predicted[i]).collect(),
            counts: order.iter().map(|&i| self.counts[i]).collect(),
        }
    }

    fn score(&self, metric: Metric, count: usize, weighted: bool) -> Option<f64> {
        let w: Vec<f64> = self.counts.iter().map(|&c| f64::from(c)).collect();
        let w = weighted.then_some(w.as_slice());
        let values = self.probabilities.concat();
        let result = if metric.suits(Task::Regression) {
            metric.score(Truth::Values(&self.truth), Predicted::Values(&self.predicted), w)
        } else {
            metric.score(Truth::Classes { codes: &self.codes, count }, Predicted::Probabilities { values: &values }, w)
        };
        result.ok()
    }
}

fn same(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
        (a, b) => a.is_none() && b.is_none(),
    }
}

proptest! {
    #[test]
    fn a_weight_of_two_is_a_row_given_twice_for_every_metric(rows in rows(3)) {
        let repeated: Vec<usize> =
            rows.counts.iter().enumerate().flat_map(|(i, &c)| std::iter::repeat_n(i, usize::from(c))).collect();
        prop_assume!(repeated.len() > 1);
        for metric in Metric::all() {
            let (weighted, repeated) = (rows.score(metric, 3, true), rows.take(&repeated).score(metric, 3, false));
            prop_assert!(same(weighted, repeated), "{metric}: {weighted:?} weighted, {repeated:?} repeated");
        }
    }

    #[test]
    fn the_order_of_rows_changes_no_metric(rows in rows(2)) {
        let backwards: Vec<usize> = (0..rows.codes.len()).rev().collect();
        for metric in Metric::all() {
            let (a, b) = (rows.score(metric, 2, true), rows.take(&backwards).score(metric, 2, true));
            prop_assert!(same(a, b), "{metric}: {a:?} forwards, {b:?} backwards");
        }
    }

    #[test]
    fn the_auc_is_the_share_of_pairs_ranked_right(rows in rows(2)) {
        let (mut right, mut pairs) = (0.0, 0.0);
        for i in (0..rows.codes.len()).filter(|&i| rows.codes[i] == 1) {
            for j in (0..rows.codes.len()).filter(|&j| rows.codes[j] == 0) {
                let (a, b) = (rows.probabilities[i][1], rows.probabilities[j][1]);
                right += if a > b { 1.0 } else if a == b { 0.5 } else { 0.0 };
                pairs += 1.0;
            }
        }
        let expected = (pairs > 0.0).then_some(right / pairs);
        prop_assert!(same(rows.score(Metric::RocAuc, 2, false), expected));
    }
}
