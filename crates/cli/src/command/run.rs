//! `arkwright run`: the whole way from a file to a registered model, and what came of it.

use crate::failure::{Failure, GATE};
use crate::place::Place;
use crate::show::{self, bad, faint, good, interval, number, strong, table};
use arkwright_core::counted;
use arkwright_flow::{Leaderboard, Ran, SystemFile};
use arkwright_report::escape::shorten;
use std::path::Path;
use std::process::ExitCode;

/// Runs a system.
pub fn run(path: &Path, place: &Place) -> Result<ExitCode, Failure> {
    let project = place.project(SystemFile::read(path)?, place.store()?)?;
    let ctx = project.context(place.progress.clone(), place.stop.clone());
    let ran = place.compute(|| {
        let plan = project.plan(&ctx)?;
        arkwright_flow::run(&project, &plan, &ctx)
    });
    place.progress.clear();
    let ran = ran?;
    let more = if place.global.verbose { stages(&ran) } else { String::new() };
    match place.global.json {
        true => show::say_json(&ran)?,
        false => show::say(&(summary(&ran, place.global.quiet) + &more))?,
    }
    Ok(if ran.registered.passed { ExitCode::SUCCESS } else { ExitCode::from(GATE) })
}

/// How long each stage took.
fn stages(ran: &Ran) -> String {
    let rows = ran.seconds.iter().map(|(name, took)| vec![name.clone(), format!("{took:.2} s")]).collect();
    format!("\n{}", table(&["stage", "#took"], rows))
}

/// What came of a run, for people.
pub fn summary(ran: &Ran, quiet: bool) -> String {
    let mut text = String::new();
    if ran.run.is_none() {
        text += &format!("{}\n\n", faint("nothing changed: every stage is cached"));
    }
    if let Some(board) = &ran.leaderboard {
        text += &leaderboard(board);
        text.push('\n');
    }
    text += &hold_out(ran);
    if !ran.explained.importances.is_empty() {
        let loss = format!("how much worse {} is once shuffled", ran.explained.metric);
        text += &format!("\n{}  {}\n", strong("What the answers depend on"), faint(&loss));
        text += &importances(ran);
    }
    if !ran.registered.gates.is_empty() {
        text.push('\n');
    }
    for gate in &ran.registered.gates {
        let mark = if gate.passed { good("passed") } else { bad("failed") };
        let bounds =
            [gate.min.map(|m| format!("at least {}", number(m))), gate.max.map(|m| format!("at most {}", number(m)))];
        let bounds: Vec<String> = bounds.into_iter().flatten().collect();
        text += &format!("gate {mark}: {} {} ({})\n", gate.metric, number(gate.value), bounds.join(", "));
    }
    let name = format!("{}:{}", ran.system, ran.registered.version);
    let (done, model) = match ran.registered.passed {
        true => ("registered", ran.system.as_str()),
        false => ("kept, and not promoted:", name.as_str()),
    };
    text += &format!("\n{done} {}\n", strong(&name));
    if !quiet {
        text += &faint(&format!("  arkwright predict {model} table.csv -o scored.csv\n"));
        // Of a run that had nothing to do, the report of the version that it came upon.
        let report = if ran.run.is_some() { &ran.system } else { &name };
        text += &faint(&format!("  arkwright report {report} --html report.html\n"));
        text += &faint("  arkwright serve\n");
    }
    text
}

fn leaderboard(board: &Leaderboard) -> String {
    let metrics: Vec<&str> = board
        .candidates
        .iter()
        .find_map(|c| c.scores.as_ref())
        .map(|s| s.scores.iter().map(|m| m.metric.as_str()).collect())
        .unwrap_or_default();
    let mut headings = vec!["candidate".to_string()];
    headings.extend(metrics.iter().map(|m| format!("#{m}")));
    let rows = board
        .candidates
        .iter()
        .map(|c| {
            let name = if c.chosen { good(&format!("{} ✓", c.name)) } else { show::plain(&c.name) };
            let mut row = vec![name];
            match &c.scores {
                Some(scores) => row.extend(
                    scores
                        .scores
                        .iter()
                        .enumerate()
                        .map(|(i, m)| if i == 0 { interval(m.value, m.low, m.high) } else { number(m.value) }),
                ),
                None => row.push(bad(c.error.as_deref().unwrap_or("failed"))),
            }
            row.resize(headings.len(), String::new());
            row
        })
        .collect();
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    format!("{}\n{}", strong("Candidates, cross-validated"), table(&headings, rows))
}

fn hold_out(ran: &Ran) -> String {
    let rows = ran
        .judged
        .scores
        .iter()
        .map(|s| {
            let baseline = s.baseline.map_or(String::new(), number);
            vec![
                s.metric.clone(),
                number(s.value),
                s.low.zip(s.high).map_or(String::new(), |(l, h)| format!("{} to {}", number(l), number(h))),
                baseline,
            ]
        })
        .collect();
    let title = strong(&format!("On {} held out", counted(ran.judged.rows, "row")));
    let mut text = format!("{title}\n{}", table(&["metric", "#value", "#95 % interval", "#baseline"], rows));
    if let Some(verdict) = &ran.judged.verdict {
        text += &format!("{}\n", show::sentence(verdict));
    }
    text
}

/// Columns whose importance is shown in the terminal.
const SHOWN: usize = 8;

fn importances(ran: &Ran) -> String {
    let shown = || ran.explained.importances.iter().take(SHOWN);
    let largest = shown().map(|i| i.mean).fold(0.0, f64::max);
    let names = shown().map(|i| i.name.chars().count()).max().unwrap_or(0).clamp(28, 40);
    let all = ran.explained.importances.len();
    let rest = match all.saturating_sub(SHOWN) {
        0 => String::new(),
        _ => faint(&format!("  {SHOWN} of {all} columns; the report has more\n")),
    };
    let bars: String = shown()
        .map(|i| {
            let width = if largest > 0.0 { (i.mean / largest * 30.0).round().max(0.0) as usize } else { 0 };
            let name = shorten(&show::plain(&i.name), names);
            format!("  {name:<names$} {:>9}  {}\n", number(i.mean), "▇".repeat(width))
        })
        .collect();
    bars + &rest
}
