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

/// In a list a row given twice takes two places, so a weight, which scales the list, is no repetition.
const LISTS: [Metric; 4] = [Metric::Ndcg, Metric::Ndcg10, Metric::Map, Metric::Mrr];

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
        let seen: Vec<bool> = self.codes.iter().map(|&code| code > 0).collect();
        let relevance: Vec<f64> = self.truth.iter().map(|&y| (2.0 * y) as u32 % 3).map(f64::from).collect();
        let result = if LISTS.contains(&metric) {
            let truth = Truth::Ranked { relevance: &relevance, group: &self.codes };
            metric.score(truth, Predicted::Values(&self.predicted), w)
        } else if [Metric::Concordance, Metric::ConcordanceRisk].contains(&metric) {
            metric.score(Truth::Survival { time: &self.truth, seen: &seen }, Predicted::Values(&self.predicted), w)
        } else if metric.suits(Task::Regression) {
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
        for metric in Metric::all().filter(|metric| !LISTS.contains(metric)) {
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

    #[test]
    fn concordance_is_the_share_of_pairs_in_order(rows in rows(2)) {
        let (mut right, mut pairs) = (0.0, 0.0);
        let (time, seen) = (&rows.truth, |i: usize| rows.codes[i] > 0);
        for i in (0..time.len()).filter(|&i| seen(i)) {
            for j in (0..time.len()).filter(|&j| time[i] < time[j] || (time[i] == time[j] && !seen(j))) {
                let (a, b) = (rows.predicted[i], rows.predicted[j]);
                right += if a < b { 1.0 } else if a == b { 0.5 } else { 0.0 };
                pairs += 1.0;
            }
        }
        let expected = (pairs > 0.0).then_some(right / pairs);
        prop_assert!(same(rows.score(Metric::Concordance, 2, false), expected));
        prop_assert!(same(rows.score(Metric::ConcordanceRisk, 2, false), expected.map(|c| 1.0 - c)));
    }

    #[test]
    fn measures_of_lists_are_means_over_the_orders_of_equal_scores(rows in rows(2)) {
        // Scores made different by little in every order of five rows.
        let n = 5.min(rows.codes.len());
        let relevance: Vec<f64> = rows.truth[..n].iter().map(|&y| (2.0 * y) as u32 % 3).map(f64::from).collect();
        prop_assume!(relevance.iter().any(|&r| r > 0.0));
        let (mut ndcg, mut mrr, mut orders) = (0.0, 0.0, 0.0);
        for order in permutations(n) {
            let score: Vec<f64> = (0..n).map(|i| rows.predicted[i] + 1e-6 * order[i] as f64).collect();
            let mut sorted: Vec<usize> = (0..n).collect();
            sorted.sort_by(|&a, &b| score[b].total_cmp(&score[a]));
            let dcg = |of: &mut dyn Iterator<Item = f64>| {
                of.enumerate().map(|(i, r)| (r.exp2() - 1.0) / (i as f64 + 2.0).log2()).sum::<f64>()
            };
            let mut best = relevance.clone();
            best.sort_by(|a, b| b.total_cmp(a));
            ndcg += dcg(&mut sorted.iter().map(|&i| relevance[i])) / dcg(&mut best.into_iter());
            mrr += 1.0 / (1.0 + sorted.iter().position(|&i| relevance[i] > 0.0).unwrap() as f64);
            orders += 1.0;
        }
        let truth = Truth::Ranked { relevance: &relevance, group: &vec![7; n] };
        let score = |metric: Metric| metric.score(truth, Predicted::Values(&rows.predicted[..n]), None).ok();
        prop_assert!(same(score(Metric::Ndcg), Some(ndcg / orders)));
        prop_assert!(same(score(Metric::Mrr), Some(mrr / orders)));
    }
}

/// All orders of n.
fn permutations(n: usize) -> Vec<Vec<usize>> {
    let shorter = if n == 0 { return vec![Vec::new()] } else { permutations(n - 1) };
    shorter
        .into_iter()
        .flat_map(|order| (0..n).map(move |at| [&order[..at], &[n - 1], &order[at..]].concat()))
        .collect()
}
