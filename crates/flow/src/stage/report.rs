//! The report of a run, put together from what the stages told. It computes nothing.

use super::explain::Explained;
use super::judge::Judged;
use super::register::Registered;
use crate::choose::Leaderboard;
use crate::plan::State;
use crate::run::Runner;
use crate::stage::Work;
use crate::stage::audit::Audit;
use crate::table::TableNotes;
use arkwright_core::{Json, Result, Role};
use arkwright_measure::Metric;
use arkwright_report::chart::{Bar, Bars, Tree};
use arkwright_report::run::{
    self, ColumnProfile, DataProfile, Fact, LeaderboardRow, Level, MetricRow, Note, RunReport,
};
use arkwright_tune::History;
use serde::Deserialize;

/// The report of a run.
///
/// # Errors
/// When a stage's output is gone.
pub(crate) fn report(
    runner: &Runner<'_>,
    id: Option<i64>,
    board: Option<&Leaderboard>,
    judged: &Judged,
    explained: &Explained,
    registered: &Registered,
    seconds: &[(String, f64)],
) -> Result<RunReport> {
    let system = runner.system();
    let (data, section) = system.header.request_data()?;
    let table = &runner.plan.tables[data];
    let audit: Audit = runner.notes(&Work::Audit(data.to_string()))?;
    let mut report = RunReport {
        system: system.header.name.clone(),
        task: system.task.to_string(),
        version: Some(registered.version.to_string()),
        run: id.map_or_else(String::new, |id| id.to_string()),
        data: Some(profile(table, &section.source)),
        checks: checks(table, &audit, &system.header.ignored),
        leaderboard: board.map(|board| leaderboard(board, system.split.folds)),
        metrics: judged.scores.iter().map(metric).collect(),
        gates: registered.gates.iter().map(gate).collect(),
        fit: judged.verdict.clone().map(|text| Note { level: Level::Info, text }),
        curves: judged.curves.clone(),
        calibration: judged.calibration.clone(),
        confusion: judged.confusion.clone(),
        points: judged.points.clone(),
        histograms: judged.histograms.clone(),
        importances: importances(explained),
        attributions: explained.attributions.clone(),
        asked: asked(explained),
        tree: board.and_then(|board| Tree::deserialize(&told(board)["tree"]).ok()),
        settings: runner.project.file.text.clone(),
        ..RunReport::default()
    };
    report.facts = facts(judged, board, table, registered);
    report.card = card(runner, table, judged, board, registered);
    for stage in &runner.plan.stages {
        report.lineage.push(run::Stage {
            name: stage.name.clone(),
            cached: stage.state == State::Cached,
            fingerprint: stage.key.short(),
            seconds: seconds.iter().find(|(name, _)| name == &stage.name).map(|(_, took)| *took),
        });
    }
    Ok(report)
}

fn profile(table: &TableNotes, source: &str) -> DataProfile {
    let columns = table
        .profile
        .iter()
        .map(|c| ColumnProfile {
            name: c.name.clone(),
            kind: c.kind.clone(),
            role: role(c.role).to_string(),
            missing: (c.count + c.missing > 0).then(|| c.missing as f64 / (c.count + c.missing) as f64),
            distinct: Some(c.distinct),
            detail: detail(c),
        })
        .collect();
    DataProfile { source: source.to_string(), rows: table.rows, bad_rows: table.bad.count, columns }
}

fn detail(column: &arkwright_data::ColumnProfile) -> String {
    if let Some(why) = &column.set_aside {
        return format!("set aside: {why}");
    }
    match (&column.numbers, &column.span) {
        (Some(n), _) => format!("{} to {}, mean {}", short(n.min), short(n.max), short(n.mean)),
        (None, Some((first, last))) => format!("{first} to {last}"),
        (None, None) => column.top.iter().take(3).map(|(t, n)| format!("{t} ({n})")).collect::<Vec<_>>().join(", "),
    }
}

fn short(value: f64) -> String {
    arkwright_report::number::number(value)
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Input => "input",
        Role::Target => "target",
        Role::Weight => "weight",
        Role::Group => "group",
        Role::Key => "key",
        Role::EventTime => "time",
        Role::Event => "event",
        Role::Output => "output",
    }
}

fn checks(table: &TableNotes, audit: &Audit, ignored: &[String]) -> Vec<Note> {
    let warn = |text: String| Note { level: Level::Warn, text };
    let mut notes: Vec<Note> = table.warnings.iter().cloned().map(warn).collect();
    notes.extend(audit.findings.iter().map(|f| warn(f.message.clone())));
    notes.extend(ignored.iter().map(|key| warn(format!("`{key}` is in the file and is not acted on yet"))));
    if notes.is_empty() {
        notes.push(Note { level: Level::Good, text: "nothing was found wrong with the data".into() });
    }
    notes
}

fn leaderboard(board: &Leaderboard, folds: u32) -> run::Leaderboard {
    let greater = Metric::parse(&board.metric).is_ok_and(Metric::greater_is_better);
    let rows = board
        .candidates
        .iter()
        .map(|c| {
            let score = c.scores.as_ref().and_then(|s| s.score(&board.metric));
            LeaderboardRow {
                name: c.name.clone(),
                score: score.map(|s| s.value),
                low: score.and_then(|s| s.low),
                high: score.and_then(|s| s.high),
                chosen: c.chosen,
                settings: if c.chosen { tuned(board) } else { String::new() },
                note: c.error.clone().unwrap_or_default(),
                ..LeaderboardRow::default()
            }
        })
        .collect();
    run::Leaderboard {
        metric: board.metric.clone(),
        greater_is_better: greater,
        method: format!("the mean over {folds} folds of the rows not held out; the intervals are 95 %"),
        rows,
    }
}

/// What the fit of the chosen candidate told, within a search or without.
fn told(board: &Leaderboard) -> Json {
    History::deserialize(&board.notes).map_or_else(|_| board.notes.clone(), |history| history.notes)
}

/// The settings that a search chose for the candidate that was chosen.
fn tuned(board: &Leaderboard) -> String {
    let Ok(history) = History::deserialize(&board.notes) else { return String::new() };
    let best = history.trials.into_iter().find(|t| t.number == history.best);
    let values = best.map(|t| t.values).unwrap_or_default();
    let shown = |value: &Json| value.as_f64().filter(|_| value.is_f64()).map_or_else(|| value.to_string(), short);
    values.iter().map(|(name, value)| format!("{name} = {}", shown(value))).collect::<Vec<_>>().join(", ")
}

fn metric(score: &super::judge::HoldOutScore) -> MetricRow {
    MetricRow {
        name: score.metric.clone(),
        value: score.value,
        low: score.low,
        high: score.high,
        baseline: score.baseline,
        train: score.train,
        says: Metric::parse(&score.metric).map_or_else(|_| String::new(), |m| m.about().says.to_string()),
    }
}

fn gate(gate: &super::register::Gate) -> run::Gate {
    let bounds =
        [gate.min.map(|m| format!("at least {}", short(m))), gate.max.map(|m| format!("at most {}", short(m)))];
    run::Gate {
        metric: gate.metric.clone(),
        needs: bounds.into_iter().flatten().collect::<Vec<_>>().join(", "),
        value: Some(gate.value),
        passed: gate.passed,
    }
}

fn importances(explained: &Explained) -> Option<Bars> {
    let bars: Vec<Bar> = explained
        .importances
        .iter()
        .take(25)
        .map(|i| Bar {
            name: i.name.clone(),
            value: i.mean,
            low: Some(i.mean - i.std),
            high: Some(i.mean + i.std),
            ..Bar::default()
        })
        .collect();
    (!bars.is_empty()).then(|| Bars {
        title: "Permutation importance".into(),
        label: format!("how much worse {} is once shuffled", explained.metric),
        bars,
        ..Bars::default()
    })
}

/// How the importances and the attributions were asked.
fn asked(explained: &Explained) -> String {
    let Some(first) = explained.importances.first() else { return String::new() };
    let (rows, count) = (arkwright_report::number::count, explained.importances.len());
    let mut text = format!(
        "Each column was shuffled {} times in {} rows held out; the range is the standard deviation.",
        first.drops.len(),
        rows(explained.rows),
    );
    if explained.attributed > 0 {
        text += &format!(" Single answers were taken apart (SHAP) for {} of them.", rows(explained.attributed));
    }
    if explained.left_out > 0 {
        text += &format!(
            " Of {} columns the {count} that moved single answers most were shuffled.",
            rows((count + explained.left_out) as u64),
        );
    }
    text
}

fn facts(judged: &Judged, board: Option<&Leaderboard>, table: &TableNotes, registered: &Registered) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Some(score) = judged.scores.first() {
        let more = match (score.low, score.high) {
            (Some(low), Some(high)) => format!("95 % interval {} to {}", short(low), short(high)),
            _ => String::new(),
        };
        facts.push(Fact { name: score.metric.clone(), value: short(score.value), more });
    }
    if let Some(chosen) = board.and_then(|b| b.candidates.iter().find(|c| c.chosen)) {
        facts.push(Fact { name: "chosen".into(), value: chosen.name.clone(), more: String::new() });
    }
    facts.push(Fact { name: "rows".into(), value: table.rows.to_string(), more: format!("{} held out", judged.rows) });
    if !registered.gates.is_empty() {
        let value = if registered.passed { "passed" } else { "failed" };
        facts.push(Fact { name: "gates".into(), value: value.into(), more: String::new() });
    }
    facts
}

/// The model card: what it is, what it learnt from, how it was judged, what to beware of.
fn card(
    runner: &Runner<'_>,
    table: &TableNotes,
    judged: &Judged,
    board: Option<&Leaderboard>,
    registered: &Registered,
) -> String {
    let system = runner.system();
    let target = table.fields.iter().find(|f| f.role == Role::Target).map_or("", |f| f.name.as_str());
    let inputs = table.fields.iter().filter(|f| f.role == Role::Input).count();
    let chosen = board.and_then(|b| b.candidates.iter().find(|c| c.chosen)).map_or("model", |c| c.name.as_str());
    let mut text = format!(
        "`{}` version {} predicts `{target}` ({}) from {inputs} columns. It is a `{chosen}`, chosen among {} candidates \
         on {} rows and judged on {} others that nothing learnt from.",
        system.header.name,
        registered.version,
        system.task,
        board.map_or(1, |b| b.candidates.len()),
        table.rows - judged.rows,
        judged.rows,
    );
    let aside: Vec<&str> = table.profile.iter().filter(|c| c.set_aside.is_some()).map(|c| c.name.as_str()).collect();
    if !aside.is_empty() {
        text += &format!("\n\nColumns set aside: {}.", aside.join(", "));
    }
    if registered.refit {
        text += "\n\nAfter it was judged, it was fitted once more on all rows with the settings that were chosen: the \
                 scores are those of the fit before.";
    }
    text += "\n\nThe scores hold for rows like those it was judged on; where the world changes, they do not.";
    text
}
