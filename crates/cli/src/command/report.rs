//! `arkwright report`: what a run found, in the terminal or as a page.

use crate::failure::Failure;
use crate::place::Place;
use crate::show::{bad, good, interval, number, plain, say, say_json, sentence, strong, table};
use arkwright_core::Error;
use arkwright_data::replace;
use arkwright_flow::stored;
use arkwright_report::run::{Level, RunReport};
use arkwright_store::Store;
use serde::Deserialize;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Shows a run's report, or writes it as a page.
pub fn report(which: Option<&str>, html: Option<&Path>, place: &Place) -> Result<ExitCode, Failure> {
    let store = place.store_to_read()?;
    let id = run_of(which, &store)?;
    let json = store.report(id).map_err(stored)?;
    let report = RunReport::deserialize(&json).map_err(|e| Error::Saved(e.to_string()))?;
    match html {
        Some(path) => {
            let write = |e| Error::Io { doing: format!("writing `{}`", path.display()), source: e };
            replace(path, |mut file| file.write_all(report.page().as_bytes()).map_err(write))?;
            match place.global.json {
                true => say_json(&serde_json::json!({ "run": id, "written": path }))?,
                false => say(&format!("wrote {}: the report of {}, run {id}\n", path.display(), report.system))?,
            }
        }
        None if place.global.json => say_json(&json)?,
        None => say(&text(&report, id))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The run that is meant: by its number, the newest of a system, the one that made a version, or the newest of all.
fn run_of(which: Option<&str>, store: &Store) -> Result<i64, Failure> {
    let newest = |system: Option<&str>| -> Result<Option<i64>, Failure> {
        let runs = store.list_runs(system, LOOKED_AT).map_err(stored)?;
        Ok(runs.iter().map(|run| run.id).find(|&id| store.report(id).is_ok()))
    };
    let Some(text) = which else {
        return newest(None)?.ok_or_else(|| Failure::usage("there is no report yet", "arkwright run makes one"));
    };
    if let Ok(id) = text.parse() {
        return Ok(store.run(id).map_err(stored)?.id);
    }
    if !text.contains([':', '@'])
        && let Some(id) = newest(Some(text))?
    {
        return Ok(id);
    }
    let version = store.resolve(text).map_err(stored)?;
    version.run.ok_or_else(|| {
        let name = format!("{}:{}", version.system, version.version);
        Failure::usage(format!("no run of this store made {name}"), "arkwright runs lists them")
    })
}

/// The newest runs among which one with a report is looked for.
const LOOKED_AT: u32 = 50;

fn text(report: &RunReport, id: i64) -> String {
    let mut text = format!("{}  run {id}\n", strong(&report.system));
    for fact in &report.facts {
        text += &format!("  {:<14} {}  {}\n", plain(&fact.name), plain(&fact.value), plain(&fact.more));
    }
    if let Some(board) = &report.leaderboard {
        let rows = board.rows.iter().map(|row| {
            let name = if row.chosen { good(&format!("{} ✓", row.name)) } else { plain(&row.name) };
            let score = row.score.map_or_else(|| bad(&row.note), |s| interval(s, row.low, row.high));
            vec![name, score]
        });
        text += &format!(
            "\n{}\n{}",
            strong("Candidates"),
            table(&["candidate", &format!("#{}", board.metric)], rows.collect())
        );
    }
    let rows = report.metrics.iter().map(|m| {
        let optional = |v: Option<f64>| v.map_or(String::new(), number);
        vec![m.name.clone(), interval(m.value, m.low, m.high), optional(m.train), optional(m.baseline)]
    });
    text += &format!(
        "\n{}\n{}",
        strong("On rows held out"),
        table(&["metric", "#value", "#train", "#baseline"], rows.collect())
    );
    if let Some(fit) = &report.fit {
        text += &format!("{}\n", sentence(&fit.text));
    }
    for gate in &report.gates {
        let mark = if gate.passed { good("passed") } else { bad("failed") };
        text += &format!("gate {mark}: {} ({})\n", plain(&gate.metric), plain(&gate.needs));
    }
    let notes: Vec<_> = report.checks.iter().filter(|n| n.level != Level::Good).collect();
    if !notes.is_empty() {
        text += &format!("\n{}\n", strong("Checks"));
        for note in notes {
            text += &format!("  ! {}\n", plain(&note.text));
        }
    }
    text + &format!("\nwith its pictures: arkwright report {id} --html report.html, or arkwright serve\n")
}
