//! The report of one run: what was learnt from what, how well it does, what it should be used for.
//!
//! [`RunReport`] is plain data that the store keeps as JSON; every part may be absent, and what is absent is not
//! mentioned. [`RunReport::page`] makes the page.

use crate::chart::{Bars, Calibration, Chart, Confusion, Curves, HeatMap, Histogram, Points, Swarm, Tree};
use crate::escape::escape;
use crate::number::{self, count, number, percent, seconds};
use crate::page::{self, figures, prose, section};
use crate::table::Table;
use serde::{Deserialize, Serialize};

/// All that is shown of one run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunReport {
    /// The system's name.
    pub system: String,
    /// What it does: classify, regress and so on.
    pub task: String,
    /// The model's version in the registry.
    pub version: Option<String>,
    /// The run's name.
    pub run: String,
    /// When it was made, as text.
    pub made: String,
    /// A sentence or two that sums up.
    pub summary: Option<Note>,
    /// Names and values shown large below the title, in the order given.
    pub facts: Vec<Fact>,
    /// The data it learnt from.
    pub data: Option<DataProfile>,
    /// What the checks found.
    pub checks: Vec<Note>,
    /// The candidates.
    pub leaderboard: Option<Leaderboard>,
    /// The chosen model's scores on rows kept from it.
    pub metrics: Vec<MetricRow>,
    /// What the gates said.
    pub gates: Vec<Gate>,
    /// Whether it fits too closely, or not closely enough.
    pub fit: Option<Note>,
    /// ROC, precision-recall and learning curves.
    pub curves: Vec<Curves>,
    /// Whether its probabilities come true.
    pub calibration: Option<Calibration>,
    /// What it calls what.
    pub confusion: Option<Confusion>,
    /// Predictions against truth, residuals against predictions.
    pub points: Vec<Points>,
    /// Residuals, the target, or probabilities, counted.
    pub histograms: Vec<Histogram>,
    /// How much the scores depend on each feature.
    pub importances: Option<Bars>,
    /// How far each feature moves predictions.
    pub attributions: Option<Swarm>,
    /// How the two were asked: of how many rows and features.
    pub asked: String,
    /// The tree, where the model is a single one.
    pub tree: Option<Tree>,
    /// How columns go together.
    pub correlations: Option<HeatMap>,
    /// Scores of parts of the rows.
    pub slices: Option<Table>,
    /// The stages that made it.
    pub lineage: Vec<Stage>,
    /// The model card, as [`page::prose`] reads it.
    pub card: String,
    /// The resolved system file, as text.
    pub settings: String,
}

/// A name and a value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fact {
    /// What it is.
    pub name: String,
    /// The value, as text.
    pub value: String,
    /// A few words more; may be empty.
    pub more: String,
}

/// How a note is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Neither good nor bad.
    #[default]
    Info,
    /// As it should be.
    Good,
    /// To be looked at.
    Warn,
    /// Wrong.
    Bad,
}

impl Level {
    fn class(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Good => "good",
            Level::Warn => "warn",
            Level::Bad => "bad",
        }
    }
}

/// Something to know.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Note {
    /// How it is meant.
    pub level: Level,
    /// What it says.
    pub text: String,
}

/// The data a system learnt from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DataProfile {
    /// Where it came from, as text.
    pub source: String,
    /// Rows read.
    pub rows: u64,
    /// Rows set aside as bad.
    pub bad_rows: u64,
    /// The columns.
    pub columns: Vec<ColumnProfile>,
}

/// One column of the data.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnProfile {
    /// Its name.
    pub name: String,
    /// What it holds: number, category, time and so on.
    pub kind: String,
    /// What it is for: input, target, key and so on.
    pub role: String,
    /// The share of rows without a value, 0 to 1.
    pub missing: Option<f64>,
    /// Different values.
    pub distinct: Option<u64>,
    /// Range, most frequent values: as text.
    pub detail: String,
}

/// The candidates, the best first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Leaderboard {
    /// The metric that chose.
    pub metric: String,
    /// Whether more of it is better.
    pub greater_is_better: bool,
    /// How the scores were made, as text: "5 folds, stratified".
    pub method: String,
    /// The candidates.
    pub rows: Vec<LeaderboardRow>,
}

/// One candidate.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LeaderboardRow {
    /// Its name.
    pub name: String,
    /// The settings that differ from the defaults, as text.
    pub settings: String,
    /// Its score; null where it failed.
    pub score: Option<f64>,
    /// The lower end of the score's interval.
    pub low: Option<f64>,
    /// The upper end of the score's interval.
    pub high: Option<f64>,
    /// How long it was fitted.
    pub fit_seconds: Option<f64>,
    /// Whether it was chosen.
    pub chosen: bool,
    /// Why it has no score; may be empty.
    pub note: String,
}

/// One metric of the chosen model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MetricRow {
    /// Its name.
    pub name: String,
    /// Its value.
    #[serde(deserialize_with = "number::one")]
    pub value: f64,
    /// The lower end of its interval.
    pub low: Option<f64>,
    /// The upper end of its interval.
    pub high: Option<f64>,
    /// The baseline's value.
    pub baseline: Option<f64>,
    /// Its value on the rows learnt from.
    pub train: Option<f64>,
    /// What it says, in a sentence.
    pub says: String,
}

/// What a gate said.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gate {
    /// The metric.
    pub metric: String,
    /// What it must be, as text: "at least 0.8".
    pub needs: String,
    /// What it is.
    pub value: Option<f64>,
    /// Whether that passes.
    pub passed: bool,
}

/// A stage of the plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// Whether its output was there already.
    pub cached: bool,
    /// How long it took.
    pub seconds: Option<f64>,
}

impl RunReport {
    /// The whole page, as one file.
    #[must_use]
    pub fn page(&self) -> String {
        let title = if self.system.is_empty() { "Report".to_owned() } else { format!("{}: report", self.system) };
        let footer = if self.made.is_empty() { String::new() } else { format!(", {}", escape(&self.made)) };
        page::page(&title, &format!("{}<footer>Made by Arkwright{footer}.</footer>", self.body()))
    }

    /// The header and the sections, for a page of one's own that has [`page::style`].
    #[must_use]
    pub fn body(&self) -> String {
        let sections: Vec<(&str, &str, String)> = [
            ("scores", "Scores", self.scores()),
            ("candidates", "Candidates", self.candidates()),
            ("behaviour", "How it behaves", self.behaviour()),
            ("slices", "Parts of the data", self.slices.as_ref().map(Table::html).unwrap_or_default()),
            ("features", "What it goes by", self.features()),
            ("data", "The data", self.data()),
            ("card", "Model card", prose(&self.card)),
            ("lineage", "How it was made", self.how()),
        ]
        .into_iter()
        .filter(|(_, _, body)| !body.is_empty())
        .collect();
        let links: String =
            sections.iter().map(|(id, heading, _)| format!("<a href=\"#{id}\">{heading}</a>")).collect();
        let mut out = self.header(&links);
        out += "<main>";
        out += &self.opening();
        for (id, heading, body) in &sections {
            out += &section(id, heading, body);
        }
        out + "</main>"
    }

    fn header(&self, links: &str) -> String {
        let version = self.version.as_ref().map(|v| format!("version {v}"));
        let run = if self.run.bytes().all(|b| b.is_ascii_digit()) { "run " } else { "" };
        let run = Some(format!("{run}{}", self.run)).filter(|_| !self.run.is_empty());
        let words = [Some(self.task.clone()), version, run, Some(self.made.clone())];
        let words: Vec<String> = words.into_iter().flatten().filter(|w| !w.is_empty()).map(|w| escape(&w)).collect();
        let links = if links.is_empty() { String::new() } else { format!("<nav class=\"contents\">{links}</nav>") };
        format!(
            "<header><h1>{}</h1><div class=\"quiet\">{}</div>{links}</header>",
            escape(&self.system),
            words.join(" \u{b7} ")
        )
    }

    /// The summary and the large facts.
    fn opening(&self) -> String {
        let mut out = String::new();
        if let Some(summary) = &self.summary {
            out += &format!("<section class=\"banner {}\">{}</section>\n", summary.level.class(), prose(&summary.text));
        }
        if !self.facts.is_empty() {
            out += "<section><dl class=\"facts\">";
            for fact in &self.facts {
                let more =
                    if fact.more.is_empty() { String::new() } else { format!("<small>{}</small>", escape(&fact.more)) };
                out += &format!("<div><dt>{}</dt><dd>{}{more}</dd></div>", escape(&fact.name), escape(&fact.value));
            }
            out += "</dl></section>\n";
        }
        out
    }

    fn scores(&self) -> String {
        let mut out = String::new();
        if !self.metrics.is_empty() {
            let trained = self.metrics.iter().any(|m| m.train.is_some());
            let compared = self.metrics.iter().any(|m| m.baseline.is_some());
            let mut columns = vec!["metric", "#score", "#interval"];
            columns.extend(compared.then_some("#baseline"));
            columns.extend(trained.then_some("#on training rows"));
            columns.push("what it says");
            let mut table = Table::new("On rows that the model has not seen", &columns);
            let optional = |v: Option<f64>| v.map_or_else(|| number::NONE.to_owned(), number);
            for m in &self.metrics {
                let mut row = vec![m.name.clone(), number(m.value), number::range(m.low, m.high)];
                row.extend(compared.then(|| optional(m.baseline)));
                row.extend(trained.then(|| optional(m.train)));
                row.push(m.says.clone());
                table.push(row);
            }
            out += &table.html();
        }
        if !self.gates.is_empty() {
            out += "<h3>Gates</h3>";
            let say = |gate: &Gate| Note {
                level: if gate.passed { Level::Good } else { Level::Bad },
                text: format!(
                    "{} {}: it is {}",
                    gate.metric,
                    gate.needs,
                    gate.value.map_or_else(|| number::NONE.to_owned(), number)
                ),
            };
            out += &notes(&self.gates.iter().map(say).collect::<Vec<_>>());
        }
        if let Some(fit) = &self.fit {
            out += &format!("<h3>Fit</h3>{}", notes(std::slice::from_ref(fit)));
        }
        out
    }

    fn candidates(&self) -> String {
        let Some(board) = self.leaderboard.as_ref().filter(|b| !b.rows.is_empty()) else { return String::new() };
        let better = if board.greater_is_better { "greater is better" } else { "less is better" };
        let method = if board.method.is_empty() { String::new() } else { format!("; {}", board.method) };
        let score = format!("#{}", board.metric);
        let timed = board.rows.iter().any(|row| row.fit_seconds.is_some());
        let told = board.rows.iter().any(|row| !row.note.is_empty() || !row.settings.is_empty());
        let mut columns = vec!["candidate", &score, "#interval"];
        columns.extend(timed.then_some("#fitted in"));
        columns.extend(told.then_some("settings"));
        let mut table = Table::new(&format!("By {} ({better}){method}", board.metric), &columns);
        for (i, row) in board.rows.iter().enumerate() {
            let mut cells = vec![
                row.name.clone(),
                row.score.map_or_else(|| number::NONE.to_owned(), number),
                number::range(row.low, row.high),
            ];
            cells.extend(timed.then(|| row.fit_seconds.map_or_else(|| number::NONE.to_owned(), seconds)));
            cells.extend(told.then(|| if row.note.is_empty() { row.settings.clone() } else { row.note.clone() }));
            table.push(cells);
            if row.chosen {
                table.marked.push(i);
            }
        }
        table.html() + &figures([&board.chart() as &dyn Chart])
    }

    fn behaviour(&self) -> String {
        let mut charts: Vec<&dyn Chart> = self.curves.iter().map(|c| c as &dyn Chart).collect();
        charts.extend(self.calibration.iter().map(|c| c as &dyn Chart));
        charts.extend(self.confusion.iter().map(|c| c as &dyn Chart));
        charts.extend(self.points.iter().map(|c| c as &dyn Chart));
        charts.extend(self.histograms.iter().map(|c| c as &dyn Chart));
        figures(charts)
    }

    fn features(&self) -> String {
        let mut charts: Vec<&dyn Chart> = self.importances.iter().map(|c| c as &dyn Chart).collect();
        charts.extend(self.attributions.iter().map(|c| c as &dyn Chart));
        charts.extend(self.tree.iter().map(|c| c as &dyn Chart));
        match self.asked.is_empty() || charts.is_empty() {
            true => figures(charts),
            false => format!("<p>{}</p>{}", escape(&self.asked), figures(charts)),
        }
    }

    fn data(&self) -> String {
        let mut out = String::new();
        if let Some(data) = &self.data {
            let bad = if data.bad_rows > 0 {
                format!(", {} bad ones set aside", count(data.bad_rows))
            } else {
                String::new()
            };
            let from = if data.source.is_empty() {
                String::new()
            } else {
                format!(" from <code>{}</code>", escape(&data.source))
            };
            let plural = |n: u64| if n == 1 { "" } else { "s" };
            let (rows, columns) = (data.rows, data.columns.len() as u64);
            out +=
                &format!("<p>{} row{}{from}{bad}, {columns} column{}.</p>", count(rows), plural(rows), plural(columns));
        }
        out += &notes(&self.checks);
        if let Some(data) = self.data.as_ref().filter(|d| !d.columns.is_empty()) {
            let mut table = Table::new("", &["column", "kind", "role", "#missing", "#different", "values"]);
            for c in &data.columns {
                table.push([
                    c.name.clone(),
                    c.kind.clone(),
                    c.role.clone(),
                    c.missing.map_or_else(|| number::NONE.to_owned(), percent),
                    c.distinct.map_or_else(|| number::NONE.to_owned(), count),
                    c.detail.clone(),
                ]);
            }
            let open = if data.columns.len() <= 30 { " open class=\"whole\"" } else { "" };
            out += &format!("<details{open}><summary>The columns</summary>{}</details>", table.html());
        }
        out + &figures(self.correlations.iter().map(|c| c as &dyn Chart))
    }

    fn how(&self) -> String {
        let mut out = String::new();
        if !self.lineage.is_empty() {
            let mut table = Table::new("", &["stage", "fingerprint", "", "#took"]);
            for stage in &self.lineage {
                table.push([
                    stage.name.clone(),
                    stage.fingerprint.chars().take(16).collect(),
                    if stage.cached { "from the store".to_owned() } else { "done now".to_owned() },
                    stage.seconds.map_or_else(|| number::NONE.to_owned(), seconds),
                ]);
            }
            out += &table.html();
        }
        if !self.settings.is_empty() {
            let text = escape(&self.settings);
            out += &format!("<details><summary>The system file</summary><pre><code>{text}</code></pre></details>");
        }
        out
    }
}

impl Leaderboard {
    /// The candidates' scores as points with their intervals.
    #[must_use]
    pub fn chart(&self) -> Bars {
        let scored = self.rows.iter().filter_map(|row| Some((row, row.score?)));
        let bar = |(row, value): (&LeaderboardRow, f64)| crate::chart::Bar {
            name: row.name.clone(),
            value,
            low: row.low,
            high: row.high,
            muted: !row.chosen,
        };
        Bars {
            title: "Candidates' scores and their intervals".into(),
            label: self.metric.clone(),
            bars: scored.map(bar).collect(),
            points: true,
        }
    }
}

fn notes(notes: &[Note]) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let items: String =
        notes.iter().map(|n| format!("<li class=\"{}\">{}</li>", n.level.class(), page::inline(&n.text))).collect();
    format!("<ul class=\"notes\">{items}</ul>")
}
