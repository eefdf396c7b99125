//! A report with every part in it, of made-up numbers, on standard output:
//! `cargo run -p arkwright-report --example sample_report > report.html`.

use arkwright_report::Table;
use arkwright_report::chart::{
    Bar, Bars, Calibration, CalibrationBin, Confusion, Curves, HeatMap, Histogram, Points, Question, Reference, Series,
    Swarm, SwarmRow, Tree, TreeNode,
};
use arkwright_report::run::{
    ColumnProfile, DataProfile, Fact, Gate, Leaderboard, LeaderboardRow, Level, MetricRow, Note, RunReport, Stage,
};

fn main() {
    print!("{}", sample().page());
}

/// Numbers in 0 to 1 that look random, the same each time.
fn noise(n: usize, salt: u64) -> Vec<f64> {
    (0..n as u64)
        .map(|i| {
            let mut z = (i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ salt.wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 30)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        })
        .collect()
}

fn text(text: &str) -> String {
    text.to_owned()
}

/// The report.
#[must_use]
pub fn sample() -> RunReport {
    RunReport {
        system: text("churn"),
        task: text("classify churned"),
        version: Some(text("3")),
        run: text("run 2026-11-23-quiet-heron"),
        made: text("2026-11-23 21:40 UTC"),
        summary: Some(Note {
            level: Level::Warn,
            text: text(
                "`gbdt` was chosen of five candidates. On rows it has not seen it ranks a customer who leaves above one \
                 who stays 87 times in 100. A gate failed, so version 3 is registered but will not be promoted.",
            ),
        }),
        facts: [
            ("ROC AUC", "0.8731", "0.861 to 0.885"),
            ("Rows", "20,400", "80 % to learn from"),
            ("Took", "6.2 s", "4 of 11 stages were cached"),
        ]
        .iter()
        .map(|f| Fact { name: text(f.0), value: text(f.1), more: text(f.2) })
        .collect(),
        data: Some(data()),
        checks: vec![
            Note { level: Level::Good, text: text("No row is in both the training and the test part.") },
            Note {
                level: Level::Warn,
                text: text(
                    "`closing_reason` alone predicts the target with ROC AUC 0.998: it may be known only afterwards.",
                ),
            },
            Note { level: Level::Info, text: text("`country` is the same in every row and was set aside.") },
        ],
        leaderboard: Some(leaderboard()),
        metrics: metrics(),
        gates: vec![
            Gate { metric: text("roc_auc"), needs: text("at least 0.8"), value: Some(0.8731), passed: true },
            Gate { metric: text("log_loss"), needs: text("at most 0.35"), value: Some(0.3612), passed: false },
        ],
        fit: Some(Note {
            level: Level::Info,
            text: text(
                "The score on training rows is 0.021 better than on unseen rows: a little overfit, which is usual for boosted trees.",
            ),
        }),
        curves: curves(),
        calibration: Some(calibration()),
        confusion: Some(Confusion {
            classes: vec![text("stays"), text("leaves")],
            cells: vec![2_940.0, 210.0, 352.0, 578.0],
            ..Confusion::default()
        }),
        points: points(),
        histograms: vec![histogram()],
        importances: Some(importances()),
        attributions: Some(attributions()),
        asked: text("Each column was shuffled 5 times in 5,000 rows held out."),
        tree: Some(tree()),
        correlations: Some(correlations()),
        slices: Some(slices()),
        lineage: [
            ("read customers.csv", true, 0.12),
            ("split", true, 0.03),
            ("fit gbdt", false, 3.4),
            ("judge", false, 0.8),
        ]
        .iter()
        .map(|s| Stage {
            name: text(s.0),
            fingerprint: text("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
            cached: s.1,
            seconds: Some(s.2),
        })
        .collect(),
        card: text(
            "# Meant for\nRanking customers by how likely they are to leave within the next month.\n\n# Not meant for\n\
             - deciding on prices: it was not checked for fairness there\n- customers of less than a month\n\n# Known limits\n\
             The table is fictional.",
        ),
        settings: text("format = 1\n[data]\nsource = \"customers.csv\"\ntarget = \"churned\"\n"),
    }
}

fn data() -> DataProfile {
    let column = |name: &str, kind: &str, role: &str, missing: f64, distinct: u64, detail: &str| ColumnProfile {
        name: text(name),
        kind: text(kind),
        role: text(role),
        missing: Some(missing),
        distinct: Some(distinct),
        detail: text(detail),
    };
    DataProfile {
        source: text("customers.csv"),
        rows: 20_400,
        bad_rows: 3,
        columns: vec![
            column("customer_id", "text", "key", 0.0, 20_400, ""),
            column("tenure", "number", "input", 0.012, 73, "0 to 72, mean 32.4"),
            column("contract", "category", "input", 0.0, 3, "month to month 55 %, two years 24 %, one year 21 %"),
            column("total", "number", "input", 0.0016, 18_211, "18.8 to 8,684.8, mean 2,283"),
            column("churned", "category", "target", 0.0, 2, "no 77 %, yes 23 %"),
        ],
    }
}

fn leaderboard() -> Leaderboard {
    let row = |name: &str, settings: &str, score: f64, half: f64, seconds: f64| LeaderboardRow {
        name: text(name),
        settings: text(settings),
        score: Some(score),
        low: Some(score - half),
        high: Some(score + half),
        fit_seconds: Some(seconds),
        chosen: name == "gbdt",
        note: String::new(),
    };
    let failed = LeaderboardRow { name: text("svm"), note: text("stopped after 60 s"), ..LeaderboardRow::default() };
    Leaderboard {
        metric: text("roc_auc"),
        greater_is_better: true,
        method: text("5 folds, stratified by churned; the interval from 1,000 resamples"),
        rows: vec![
            row("gbdt", "learning_rate = 0.08, max_leaf_nodes = 24", 0.8702, 0.006, 3.4),
            row("forest", "n_estimators = 300", 0.8611, 0.006, 5.9),
            row("logistic", "", 0.8467, 0.007, 0.31),
            row("baseline", "", 0.5, 0.0, 0.002),
            failed,
        ],
    }
}

fn metrics() -> Vec<MetricRow> {
    let row = |name: &str, value: f64, half: f64, baseline: f64, train: f64, says: &str| MetricRow {
        name: text(name),
        value,
        low: Some(value - half),
        high: Some(value + half),
        baseline: Some(baseline),
        train: Some(train),
        says: text(says),
    };
    vec![
        row("roc_auc", 0.8731, 0.012, 0.5, 0.8944, "How often a row that leaves is ranked above one that stays."),
        row(
            "log_loss",
            0.3612,
            0.014,
            0.5402,
            0.3391,
            "Mean of minus the log of the probability given to the true class.",
        ),
        row("accuracy", 0.8622, 0.011, 0.772, 0.8731, "Share of rows given the right label."),
    ]
}

fn curves() -> Vec<Curves> {
    let rate: Vec<f64> = (0..=200).map(|i| f64::from(i) / 200.0).collect();
    let series = |name: &str, y: Vec<f64>| Series { name: text(name), x: rate.clone(), y, ..Series::default() };
    let bend = |power: f64| rate.iter().map(|x| x.powf(power)).collect::<Vec<_>>();
    let fall = |power: f64| rate.iter().map(|x| 1.0 - 0.77 * x.powf(power)).collect::<Vec<_>>();
    let rows = [500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0, 16_000.0];
    let learning = |name: &str, from: f64, to: f64, spread: f64| {
        let y: Vec<f64> = (0..6).map(|i| to + (from - to) * 0.5_f64.powi(i)).collect();
        Series {
            name: text(name),
            x: rows.to_vec(),
            low: y.iter().map(|v| v - spread).collect(),
            high: y.iter().map(|v| v + spread).collect(),
            y,
        }
    };
    vec![
        Curves::roc(vec![series("gbdt, 0.873", bend(0.145)), series("logistic, 0.847", bend(0.181))]),
        Curves::precision_recall(vec![series("gbdt, 0.71", fall(2.4)), series("logistic, 0.66", fall(1.9))], 0.23),
        Curves {
            title: text("Learning curve"),
            x_label: text("rows learnt from"),
            y_label: text("ROC AUC"),
            series: vec![learning("training rows", 0.99, 0.892, 0.003), learning("unseen rows", 0.81, 0.872, 0.008)],
            reference: Reference::None,
            ..Curves::default()
        },
    ]
}

fn calibration() -> Calibration {
    let counts = [1_610.0, 790.0, 420.0, 268.0, 214.0, 190.0, 174.0, 160.0, 148.0, 106.0];
    let bin = |(i, &count): (usize, &f64)| {
        let middle = i as f64 / 10.0 + 0.05;
        CalibrationBin {
            low: i as f64 / 10.0,
            high: (i + 1) as f64 / 10.0,
            predicted: middle,
            observed: middle + 0.06 * (middle * 7.0).sin() * (1.0 - middle),
            count,
        }
    };
    Calibration { bins: counts.iter().enumerate().map(bin).collect(), error: Some(0.018), ..Calibration::default() }
}

fn points() -> Vec<Points> {
    let bell = |n: usize, salt: u64| -> Vec<f64> {
        let parts: Vec<Vec<f64>> = (0..6_u64).map(|k| noise(n, salt * 10 + k)).collect();
        (0..n).map(|i| parts.iter().map(|p| p[i]).sum::<f64>() - 3.0).collect()
    };
    let truth: Vec<f64> = bell(20_000, 1).iter().map(|v| 50.0 + 14.0 * v).collect();
    let predicted: Vec<f64> = truth.iter().zip(bell(20_000, 2)).map(|(t, e)| 0.9 * t + 5.0 + 4.0 * e).collect();
    vec![Points::predictions(&truth, &predicted), Points::residuals(&truth[..400], &predicted[..400])]
}

fn histogram() -> Histogram {
    Histogram {
        title: text("Residuals, counted"),
        x_label: text("true less predicted"),
        edges: (-10..=10).map(|i| f64::from(i) * 1.5).collect(),
        counts: (-10..10).map(|i| (4_000.0 * (-f64::from(i * i) / 18.0).exp()).round()).collect(),
        ..Histogram::default()
    }
}

const FEATURES: [&str; 9] = [
    "contract",
    "tenure",
    "monthly_charges",
    "support_calls_in_the_last_quarter",
    "payment_method",
    "total",
    "paperless_billing",
    "senior",
    "partner",
];

fn importances() -> Bars {
    let bar = |(i, name): (usize, &&str)| {
        let value = 0.09 * 0.62_f64.powi(i as i32) - if i > 7 { 0.003 } else { 0.0 };
        Bar { name: text(name), value, low: Some(value * 0.85 - 0.001), high: Some(value * 1.15 + 0.001), muted: false }
    };
    Bars {
        title: text("Permutation importance"),
        label: text("ROC AUC lost when the feature is shuffled"),
        bars: FEATURES.iter().enumerate().map(bar).collect(),
        points: false,
    }
}

fn tree() -> Tree {
    let node = |question, yes, no, samples, share: f64| TreeNode {
        question,
        yes,
        no,
        samples,
        values: vec![1.0 - share, share],
        folded: 0,
    };
    let at_most = |name: &str, at| Some(Question::AtMost(text(name), at));
    let among = |name: &str, level: &str| Some(Question::Among(text(name), vec![text(level)]));
    let nodes = vec![
        node(among("contract", "month to month"), 1, 2, 5_634.0, 0.265),
        node(at_most("tenure", 5.5), 3, 4, 3_100.0, 0.427),
        node(at_most("monthly", 93.7), 5, 6, 2_534.0, 0.068),
        node(None, 0, 0, 1_020.0, 0.61),
        node(None, 0, 0, 2_080.0, 0.34),
        node(None, 0, 0, 1_900.0, 0.04),
        node(None, 0, 0, 634.0, 0.15),
    ];
    Tree { title: text("The tree"), classes: vec![text("no"), text("yes")], nodes }
}

fn attributions() -> Swarm {
    let row = |(i, name): (usize, &&str)| {
        let values = noise(600, 40 + i as u64);
        let wide = 1.6 * 0.66_f64.powi(i as i32);
        let turn = if i % 2 == 0 { -1.0 } else { 1.0 };
        let attributions = values
            .iter()
            .zip(noise(600, 80 + i as u64))
            .map(|(v, e)| wide * (turn * (v - 0.4) + 0.35 * (e - 0.5)))
            .collect();
        let grey = i == 4;
        SwarmRow { name: text(name), attributions, values: if grey { Vec::new() } else { values } }
    };
    Swarm {
        title: text("What moved the predictions"),
        label: text("change of the log-odds of leaving"),
        rows: FEATURES.iter().enumerate().map(row).collect(),
    }
}

fn correlations() -> HeatMap {
    let k = 7;
    let shared = noise(k * k, 5);
    let cell = |i: usize, j: usize| if i == j { 1.0 } else { 1.8 * shared[i.min(j) * k + i.max(j)] - 0.9 };
    HeatMap {
        title: text("How columns go together"),
        names: FEATURES.iter().take(k).map(|n| text(n)).collect(),
        cells: (0..k * k).map(|at| cell(at / k, at % k)).collect(),
    }
}

fn slices() -> Table {
    let mut table = Table::new("ROC AUC of parts of the unseen rows", &["part", "#rows", "#ROC AUC", "#interval"]);
    table.push(["contract = month to month", "2,244", "0.831", "0.812 to 0.849"]);
    table.push(["contract = two years", "979", "0.902", "0.861 to 0.938"]);
    table.push(["senior = yes", "655", "0.844", "0.811 to 0.874"]);
    table
}
