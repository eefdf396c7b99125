//! The runs, and one run's report.

use super::Trouble;
use super::page::{around, inline, link, page, table, tag, time};
use crate::problem::Problem;
use crate::server::Shared;
use arkwright_report::escape::escape;
use arkwright_report::run::RunReport;
use arkwright_store::{Run, RunStatus};
use axum::extract::{Path, State};
use axum::response::Response;
use std::sync::Arc;

/// The runs that the page lists.
const SHOWN: u32 = 200;

/// `/runs`
pub(crate) async fn all(State(shared): State<Arc<Shared>>) -> Result<Response, Trouble> {
    let runs = match shared.library() {
        Some(library) => library.runs(SHOWN).await?,
        None => Vec::new(),
    };
    if runs.is_empty() {
        let body =
            "<section><p>Nothing has run yet.</p><p><code>arkwright run PATH</code> runs a system.</p></section>";
        return Ok(page("Runs", "", body));
    }
    let rows: Vec<Vec<String>> = runs.iter().map(line).collect();
    let columns = ["run", "system", "status", "began", "#took", "#seed"];
    let count = match runs.len() {
        1 => "one run".to_string(),
        n if n == SHOWN as usize => format!("the newest {n} runs"),
        n => format!("{n} runs, the newest first"),
    };
    Ok(page("Runs", &count, &format!("<section>{}</section>", table(&columns, &rows))))
}

fn line(run: &Run) -> Vec<String> {
    vec![
        format!("<b>{}</b>", link(&format!("/runs/{}", run.id), &format!("run {}", run.id))),
        link(&format!("/models/{}", run.system), &run.system),
        status(run.status),
        time(&run.started),
        took(run).unwrap_or_default(),
        run.seed.to_string(),
    ]
}

fn status(status: RunStatus) -> String {
    match status {
        RunStatus::Running => tag("", "running"),
        RunStatus::Killed => tag("warn", "killed"),
        RunStatus::Done => tag("good", "done"),
        RunStatus::Failed => tag("bad", "failed"),
        RunStatus::Stopped => tag("warn", "stopped"),
        RunStatus::GateFailed => tag("bad", "gate not passed"),
    }
}

/// How long a run took, by the store's times.
fn took(run: &Run) -> Option<String> {
    let seconds = milliseconds(run.ended.as_deref()?)?.checked_sub(milliseconds(&run.started)?)?;
    Some(escape(&arkwright_report::number::seconds(seconds as f64 / 1000.0)))
}

/// Milliseconds since some day, of `2026-01-31T12:00:00.000Z`.
fn milliseconds(text: &str) -> Option<u64> {
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<u64>().ok();
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    // Days by the civil calendar, counted in years that begin in March.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year.checked_sub(1)?, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day;
    let seconds = (days * 24 + part(11..13)?) * 3600 + part(14..16)? * 60 + part(17..19)?;
    Some(seconds * 1000 + part(20..23).unwrap_or(0))
}

/// `/runs/ID`
pub(crate) async fn one(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Result<Response, Trouble> {
    let unknown = || Problem::not_found("there is no such run").with_hint("/runs lists the runs");
    let id: i64 = id.parse().map_err(|_| unknown())?;
    let library = shared.library().ok_or_else(unknown)?;
    match library.run(id).await? {
        (_, Some(report)) => Ok(reported(&report, id)),
        (run, None) => Ok(unreported(&run)),
    }
}

fn reported(report: &RunReport, id: i64) -> Response {
    let title = format!("{}, run {id}", escape(&report.system));
    around(&title, &report.body(), "")
}

fn unreported(run: &Run) -> Response {
    let why = match run.status {
        RunStatus::Running => "It is still running; its report comes at its end.",
        RunStatus::Killed => {
            "Its process ended before it had anything to report; run it again, and it goes on from there."
        }
        RunStatus::Failed => "It failed before it had anything to report; `arkwright runs` tells why.",
        RunStatus::Stopped => {
            "It was stopped before it had anything to report; run it again, and it goes on from there."
        }
        RunStatus::Done | RunStatus::GateFailed => "Its report is not in the store.",
    };
    let lead = format!(
        "{} {} {}",
        link(&format!("/models/{}", run.system), &run.system),
        status(run.status),
        time(&run.started)
    );
    page(&format!("Run {}", run.id), &lead, &format!("<section><p>{}</p></section>", inline(why)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_between_two_days_is_right_across_months_and_leap_years() {
        let between = |a: &str, b: &str| milliseconds(b).unwrap() - milliseconds(a).unwrap();
        assert_eq!(between("2024-02-28T23:59:59.500Z", "2024-03-01T00:00:00.000Z"), 86_400_500);
        assert_eq!(between("2023-02-28T00:00:00.000Z", "2023-03-01T00:00:00.000Z"), 86_400_000);
        assert_eq!(between("2023-12-31T23:59:59Z", "2024-01-01T00:00:00Z"), 1000);
        assert_eq!(milliseconds("yesterday"), None);
    }
}
