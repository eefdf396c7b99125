//! `arkwright plan`: the stages as a tree: what is done, what would run, and why.

use crate::failure::Failure;
use crate::place::Place;
use crate::show;
use arkwright_flow::{Plan, State, SystemFile};
use owo_colors::{OwoColorize, Stream};
use std::path::Path;
use std::process::ExitCode;

/// Shows the plan of a system, or its long form.
pub fn plan(path: &Path, expand: bool, place: &Place) -> Result<ExitCode, Failure> {
    let project = place.project(SystemFile::read(path)?, place.store_to_read()?)?;
    let ctx = project.context(place.progress.clone(), place.stop.clone());
    let plan = place.compute(|| project.plan(&ctx))?;
    place.progress.clear();
    match (expand, place.global.json) {
        (true, true) => show::say_json(&serde_json::json!({ "toml": project.long(&plan)? }))?,
        (true, false) => show::say(&project.long(&plan)?)?,
        (false, true) => show::say_json(&plan.stages)?,
        (false, false) => show::say(&tree(&plan))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn tree(plan: &Plan) -> String {
    let mut text = format!("{}\n", show::strong(&plan.system.header.name));
    let last = plan.stages.len().saturating_sub(1);
    for (i, stage) in plan.stages.iter().enumerate() {
        let (branch, below) = if i == last { ("└─", "  ") } else { ("├─", "│ ") };
        let state = match &stage.state {
            State::Cached => show::faint("cached"),
            State::Run(why) => format!("to run: {why}").if_supports_color(Stream::Stdout, |t| t.yellow()).to_string(),
        };
        text += &format!("{branch} {:<22} {state}  {}\n", stage.name, show::faint(&stage.key.short()));
        for (j, part) in stage.parts.iter().enumerate() {
            let twig = if j + 1 == stage.parts.len() { "└─" } else { "├─" };
            let state = match (part.cached, &stage.state) {
                (true, _) => show::faint("cached"),
                // What it led to is kept.
                (false, State::Cached) => show::faint("freed, and not needed"),
                (false, State::Run(_)) => "to run".to_string(),
            };
            text += &format!("{below}   {twig} {:<17} {state}\n", part.name);
        }
    }
    let to_run = plan.stages.iter().filter(|s| s.state != State::Cached).count();
    text += &match to_run {
        0 => "nothing to do\n".to_string(),
        n => format!("{n} of {} stages to run\n", plan.stages.len()),
    };
    text
}
