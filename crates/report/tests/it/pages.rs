//! The page of a run.

use crate::sample::sample;
use crate::shape::elements;
use arkwright_report::RunReport;
use arkwright_report::chart::{Bar, Bars, Chart, Swarm, SwarmRow};
use arkwright_report::run::{Leaderboard, LeaderboardRow, MetricRow, Note};

/// Fails where a page would run or load anything.
#[track_caller]
fn alone(page: &str) {
    for word in ["<script", "javascript:", "src=", "@import", "url(", "<link", "<iframe", " onload", " onerror"] {
        assert!(!page.contains(word), "{word}");
    }
    let links = page.split("href=\"").skip(1);
    assert!(links.into_iter().all(|l| l.starts_with('#')), "a link that leaves the page");
    assert_eq!(page.matches("http").count(), page.matches("http://www.w3.org/2000/svg").count());
}

#[test]
fn a_whole_report_is_one_file_that_loads_nothing() {
    let page = sample().page();
    alone(&page);
    let seen = elements(&page);
    let count = |name: &str| seen.iter().filter(|s| *s == name).count();
    assert_eq!((count("main"), count("header"), count("h1")), (1, 1, 1));
    assert_eq!((count("svg"), count("figure")), (13, 13));
    assert_eq!(count("section"), 10);
    for id in ["scores", "candidates", "behaviour", "slices", "features", "data", "card", "lineage"] {
        assert_eq!((page.matches(&format!("id=\"{id}\"")).count(), page.matches(&format!("#{id}\"")).count()), (1, 1));
    }
    assert!(page.len() < 400_000, "{} bytes", page.len());
}

#[test]
fn what_is_absent_is_not_mentioned() {
    let page = RunReport::default().page();
    let seen = elements(&page);
    assert!(!seen.contains(&"section".to_owned()) && !seen.contains(&"nav".to_owned()));
    let one = RunReport { card: "Meant for tests.".into(), ..RunReport::default() };
    assert_eq!(elements(&one.page()).iter().filter(|s| *s == "section").count(), 1);
}

#[test]
fn markup_in_any_text_of_a_report_is_text() {
    // Every string of the sample, replaced; names that choose a variant are left.
    fn poison(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(s)
                if !["info", "good", "warn", "bad", "none", "diagonal", "same", "zero"].contains(&s.as_str()) =>
            {
                *s = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>".into();
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(poison),
            serde_json::Value::Object(map) => map.values_mut().for_each(poison),
            _ => {}
        }
    }
    let mut json = serde_json::to_value(sample()).unwrap();
    poison(&mut json);
    let page = serde_json::from_value::<RunReport>(json).unwrap().page();
    elements(&page);
    for word in ["<script", "<img", "\">&lt;img"] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.matches("&lt;script&gt;").count() > 100);
}

#[test]
fn a_report_kept_as_json_gives_the_same_page() {
    let report = sample();
    let kept: RunReport = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
    assert_eq!(kept.page(), report.page());
    let older: RunReport =
        serde_json::from_str(r#"{"system": "churn", "metrics": [{"name": "r2", "value": null}]}"#).unwrap();
    assert!(older.page().contains("<td class=\"number\">\u{2013}</td>"));
}

#[test]
fn the_same_report_is_the_same_bytes() {
    assert_eq!(sample().page(), sample().page());
}

#[test]
fn a_candidate_that_failed_has_no_bar_and_says_why() {
    let board = Leaderboard {
        metric: "rmse".into(),
        rows: vec![
            LeaderboardRow { name: "linear".into(), score: Some(3.0), chosen: true, ..LeaderboardRow::default() },
            LeaderboardRow { name: "forest".into(), note: "ran out of time".into(), ..LeaderboardRow::default() },
        ],
        ..Leaderboard::default()
    };
    assert_eq!(board.chart().bars.len(), 1);
    let page = RunReport { leaderboard: Some(board), ..RunReport::default() }.page();
    assert!(page.contains("ran out of time") && page.contains("By rmse (less is better)"));
    assert!(page.contains("<tr class=\"marked\"><td>linear</td>"));
}

#[test]
fn what_no_candidate_has_is_no_column() {
    let row = LeaderboardRow { name: "linear".into(), score: Some(3.0), ..LeaderboardRow::default() };
    let page = |row: LeaderboardRow| {
        let board = Leaderboard { metric: "rmse".into(), rows: vec![row], ..Leaderboard::default() };
        RunReport { leaderboard: Some(board), ..RunReport::default() }.page()
    };
    let plain = page(row.clone());
    assert!(!plain.contains("fitted in") && !plain.contains("settings</th>"), "{plain}");
    assert!(page(LeaderboardRow { fit_seconds: Some(1.0), ..row.clone() }).contains("fitted in"));
    assert!(page(LeaderboardRow { settings: "c = 1".into(), ..row }).contains("settings</th>"));
}

#[test]
fn a_run_with_a_number_is_called_a_run_and_says_how_it_was_asked() {
    let of = |run: &str| RunReport { run: run.into(), ..RunReport::default() }.page();
    assert!(of("7").contains(">run 7<") && of("quiet heron").contains(">quiet heron<") && !of("").contains("run "));
    let bars = Bars { bars: vec![Bar { name: "age".into(), value: 1.0, ..Bar::default() }], ..Bars::default() };
    let report = RunReport { asked: "Of 5,000 rows < all".into(), importances: Some(bars), ..RunReport::default() };
    assert!(report.page().contains("<p>Of 5,000 rows &lt; all</p>"));
}

#[test]
fn a_long_name_is_cut_before_it_leaves_the_picture() {
    let name = "sensor_199_with_a_rather_long_name".to_string();
    let bars = Bars { bars: vec![Bar { name: name.clone(), value: 1.0, ..Bar::default() }], ..Bars::default() };
    let swarm =
        Swarm { rows: vec![SwarmRow { name, attributions: vec![1.0, -1.0], values: vec![] }], ..Swarm::default() };
    // Letters of 12 pixels are some 7 wide; what is left of the axis is 142 and 124.
    for (svg, room) in [(bars.svg(), 142.0), (swarm.svg(), 124.0)] {
        let label = svg.split("</text>").find_map(|t| t.rsplit_once('>')?.1.strip_suffix('\u{2026}')).unwrap();
        assert!((label.chars().count() + 1) as f64 * 7.3 <= room, "{label}");
    }
}

#[test]
fn a_baseline_is_a_column_only_where_there_is_one() {
    let row = MetricRow { name: "r2".into(), value: 0.5, ..MetricRow::default() };
    let with = MetricRow { baseline: Some(0.0), ..row.clone() };
    let page = |row: MetricRow| RunReport { metrics: vec![row], ..RunReport::default() }.page();
    assert!(!page(row).contains("baseline"));
    assert!(page(with).contains("baseline"));
}

#[test]
fn a_card_is_paragraphs_points_and_headings() {
    let note = Note { text: "First.\n\n- one\n- two\nand a half".into(), ..Note::default() };
    let body = RunReport { summary: Some(note), ..RunReport::default() }.body();
    assert!(body.contains("<p>First.</p><ul><li>one</li><li>two and a half</li></ul>"));
}
