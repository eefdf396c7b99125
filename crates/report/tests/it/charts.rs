//! Each chart, of ordinary numbers and of impossible ones.

use crate::sample::sample;
use crate::shape::{elements, finite};
use arkwright_report::chart::{
    Bar, Bars, Calibration, CalibrationBin, Chart, Confusion, Curves, HeatMap, Histogram, Points, Question, Reference,
    Series, Swarm, SwarmRow, Tree, TreeNode,
};

const EVIL: &str = "<script>alert(\"1\")</script> & 'co'";
const ODD: [f64; 8] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 0.0, -0.0, 1e-320];

fn evil() -> String {
    EVIL.to_owned()
}

fn odd(salt: usize) -> Vec<f64> {
    (0..ODD.len()).map(|i| ODD[(i + salt) % ODD.len()]).collect()
}

/// Every chart, of names that are markup and of numbers that are none.
fn impossible() -> Vec<Box<dyn Chart>> {
    let some = |i: usize| Some(ODD[i % ODD.len()]);
    let bars = |points| Bars {
        title: evil(),
        label: evil(),
        bars: (0..8)
            .map(|i| Bar { name: evil(), value: ODD[i], low: some(i + 1), high: some(i + 2), muted: false })
            .collect(),
        points,
    };
    let bin = |i: usize| CalibrationBin {
        low: ODD[i],
        high: ODD[(i + 1) % 8],
        predicted: ODD[(i + 2) % 8],
        observed: ODD[(i + 3) % 8],
        count: ODD[(i + 4) % 8],
    };
    let series = Series { name: evil(), x: odd(0), y: odd(3), low: odd(4), high: odd(5) };
    vec![
        Box::new(bars(false)),
        Box::new(bars(true)),
        Box::new(Calibration { title: evil(), bins: (0..8).map(bin).collect(), error: Some(f64::NAN) }),
        Box::new(Confusion { title: evil(), classes: vec![evil(), evil()], cells: odd(0) }),
        Box::new(Curves {
            title: evil(),
            x_label: evil(),
            y_label: evil(),
            series: vec![series],
            reference: Reference::Level(f64::NAN),
            x_range: Some((0.0, f64::NAN)),
            y_range: None,
            steps: true,
        }),
        Box::new(HeatMap { title: evil(), names: vec![evil(), evil(), evil()], cells: odd(0) }),
        Box::new(Histogram { title: evil(), x_label: evil(), y_label: evil(), edges: odd(0), counts: odd(3) }),
        Box::new(Points::new(EVIL, EVIL, EVIL, &odd(0), &odd(3))),
        Box::new(Points::new(EVIL, EVIL, EVIL, &ODD.repeat(200), &odd(3).repeat(200))),
        Box::new(Points::residuals(&odd(0), &odd(1))),
        Box::new(Tree {
            title: evil(),
            classes: vec![evil(), evil()],
            nodes: (0..8)
                .map(|i| TreeNode {
                    question: Some(Question::AtMost(evil(), ODD[i])),
                    yes: 2 * i + 1,
                    no: 2 * i + 2,
                    samples: ODD[i],
                    values: odd(i),
                    folded: i,
                })
                .collect(),
        }),
        Box::new(Tree {
            nodes: vec![TreeNode { question: Some(Question::Among(evil(), vec![evil()])), ..TreeNode::default() }],
            ..Tree::default()
        }),
        Box::new(Tree::default()),
        Box::new(Swarm {
            title: evil(),
            label: evil(),
            rows: vec![SwarmRow { name: evil(), attributions: odd(0), values: odd(2) }],
        }),
    ]
}

fn empty() -> Vec<Box<dyn Chart>> {
    vec![
        Box::new(Bars::default()),
        Box::new(Calibration::default()),
        Box::new(Confusion::default()),
        Box::new(Curves::default()),
        Box::new(HeatMap::default()),
        Box::new(Histogram::default()),
        Box::new(Points::default()),
        Box::new(Swarm::default()),
    ]
}

#[test]
fn numbers_that_are_none_and_names_that_are_markup_break_no_picture() {
    for chart in impossible().iter().chain(&empty()) {
        for text in [chart.svg(), chart.standalone(), chart.table().html()] {
            elements(&text);
            assert!(!text.contains("<script"), "{}", chart.title());
        }
        finite(&chart.svg());
    }
}

#[test]
fn every_picture_says_what_it_is_and_shows_its_numbers() {
    let report = sample();
    let charts: Vec<Box<dyn Chart>> = vec![
        Box::new(report.curves[0].clone()),
        Box::new(report.calibration.unwrap()),
        Box::new(report.confusion.unwrap()),
        Box::new(report.points[0].clone()),
        Box::new(report.histograms[0].clone()),
        Box::new(report.importances.unwrap()),
        Box::new(report.attributions.unwrap()),
        Box::new(report.correlations.unwrap()),
        Box::new(report.leaderboard.unwrap().chart()),
    ];
    for chart in charts {
        let seen = elements(&chart.svg());
        assert_eq!(seen[..3], ["svg", "title", "desc"], "{}", chart.title());
        assert!(chart.describe().len() > 20 && chart.describe().ends_with('.'), "{}", chart.describe());
        assert!(!chart.table().rows.is_empty(), "{}", chart.title());
        assert!(chart.svg().len() < 60_000, "{} takes {} bytes", chart.title(), chart.svg().len());
        finite(&chart.svg());
    }
}

#[test]
fn a_picture_by_itself_carries_its_style() {
    let svg = sample().importances.unwrap().standalone();
    assert_eq!(elements(&svg)[..4], ["svg", "title", "style", "desc"]);
}

#[test]
fn a_step_of_a_precision_recall_curve_goes_level_first() {
    let series = Series { x: vec![1.0, 0.0], y: vec![0.25, 1.0], ..Series::default() };
    let svg = Curves::precision_recall(vec![series], 0.25).svg();
    assert!(svg.contains("d=\"M466 240L56 240L56 12\""), "{svg}");
}

#[test]
fn a_million_points_are_a_small_picture() {
    let x: Vec<f64> = (0..1_000_000).map(|i| f64::from(i % 1_009)).collect();
    let y: Vec<f64> = (0..1_000_000).map(|i| f64::from(i % 997)).collect();
    let points = Points::new("many", "x", "y", &x, &y);
    assert_eq!(points.counts.iter().map(|&n| u64::from(n)).sum::<u64>(), 1_000_000);
    assert!(points.svg().len() < 300_000);
}

#[test]
fn a_hundred_classes_are_a_small_picture_and_a_list_of_what_is_confused() {
    let k = 100;
    let mut cells = vec![0.0; k * k];
    for i in 0..k {
        cells[i * k + i] = 50.0;
        cells[i * k + (i + 1) % k] = i as f64;
    }
    let chart = Confusion { classes: (0..k).map(|i| format!("class {i}")).collect(), cells, ..Confusion::default() };
    assert!(chart.svg().len() < 60_000, "{} bytes", chart.svg().len());
    assert_eq!(chart.table().rows[0][..3], ["class 99", "class 0", "99"]);
}

/// A tree of `depth` questions in a row on every way.
fn full(depth: u32) -> Tree {
    let inner = (1usize << depth) - 1;
    let node = |at: usize| TreeNode {
        question: (at < inner).then(|| match at % 3 {
            0 => Question::Among("island".into(), vec!["Biscoe".into(), "Torgersen".into()]),
            _ => Question::AtMost("flipper_length_mm".into(), 180.0 + at as f64),
        }),
        yes: 2 * at + 1,
        no: 2 * at + 2,
        samples: 333.0 / (at as f64 + 1.0),
        values: vec![0.2, 0.1 + 0.6 / (at as f64 + 1.0), 0.7 - 0.6 / (at as f64 + 1.0)],
        folded: 0,
    };
    let classes = ["Adelie", "Chinstrap", "Gentoo"].map(str::to_owned).to_vec();
    Tree { title: "The tree".into(), classes, nodes: (0..2 * inner + 1).map(node).collect() }
}

#[test]
fn a_tree_has_a_rule_a_leaf_and_what_is_too_deep_is_folded() {
    let tree = full(7);
    assert_eq!(tree.rules().len(), 128);
    assert!(tree.rules()[0].starts_with("if island is one of Biscoe, Torgersen and flipper_length_mm ≤ 181 and "));
    assert_eq!(tree.text().lines().count(), 2 * 127 + 128);
    // 32 folded nodes stand for 4 leaves each.
    assert_eq!(tree.svg().matches("rows, 4 leaves</text>").count(), 32);
    assert_eq!(full(2).svg().matches("<g>").count(), 7);
    assert!(tree.describe().starts_with("A tree of 128 leaves. It first asks: island is one of"));
}

#[test]
fn a_tree_whose_ways_lead_back_is_a_leaf() {
    let node = TreeNode { question: Some(Question::AtMost("x".into(), 1.0)), values: vec![2.5], ..TreeNode::default() };
    let tree = Tree { nodes: vec![node], ..Tree::default() };
    assert_eq!(tree.rules(), ["always: 2.5 (0 rows)"]);
}
