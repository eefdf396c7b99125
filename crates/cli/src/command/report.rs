//! `arkwright report`: what a run found, in the terminal or as a page.

use crate::failure::Failure;
use crate::place::Place;
use crate::show::{bad, good, interval, number, plain, strong, table};
use arkwright_core::Error;
use arkwright_data::replace;
use arkwright_flow::stored;
use arkwright_report::run::{Level, RunReport};
use serde::Deserialize;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Shows a run's report, or writes it as a page.
pub fn report(run: Option<&str>, html: Option<&Path>, place: &Place) -> Result<ExitCode, Failure> {
    let store = place.store()?;
    let id = match run {
        Some(text) => {
            text.parse().map_err(|_| Failure::usage(format!("`{text}` is no run"), "arkwright runs lists them"))?
        }
        None => {
            let runs = store.list_runs(None, 50).map_err(stored)?;
            let with_report = runs.iter().find(|r| store.report(r.id).is_ok());
            with_report
                .map(|r| r.id)
                .ok_or_else(|| Failure::usage("there is no report yet", "arkwright run makes one"))?
        }
    };
    let json = store.report(id).map_err(stored)?;
    let report = RunReport::deserialize(&json).map_err(|e| Error::Saved(e.to_string()))?;
    let mut out = std::io::stdout().lock();
    match html {
        Some(path) => {
            let write = |e| Error::Io { doing: format!("writing `{}`", path.display()), source: e };
            replace(path, |mut file| file.write_all(report.page().as_bytes()).map_err(write))?;
            match place.global.json {
                true => writeln!(out, "{}", serde_json::json!({ "run": id, "written": path }))?,
                false => writeln!(out, "wrote {}", path.display())?,
            }
        }
        None if place.global.json => writeln!(out, "{json:#}")?,
        None => write!(out, "{}", text(&report))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn text(report: &RunReport) -> String {
    let mut text = format!("{}  run {}\n", strong(&report.system), report.run);
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
        text += &format!("{}\n", plain(&fit.text));
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
    text + "\nwith its pictures: arkwright report --html report.html, or arkwright serve\n"
}
