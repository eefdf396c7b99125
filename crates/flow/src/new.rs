//! A first system file for a table: profiled, commented, ready to run.

use arkwright_bundle::Request;
use arkwright_core::{Error, Field, Json, Kind, Notation, Result, Role, Task, counted, key_text};
use arkwright_data::checks::{Check, infer_checks};
use arkwright_data::leakage;
use arkwright_data::typing::Typing;
use arkwright_data::{ColumnProfile, Engine};
use arkwright_measure::Metric;
use arkwright_validate::{Split, SplitKind, hold_out};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Columns that are told of one by one.
const LISTED: usize = 60;

/// A drafted system.
#[derive(Debug)]
pub struct Draft {
    /// The file's text.
    pub text: String,
    /// The task.
    pub task: Task,
    /// Rows read.
    pub rows: usize,
    /// The columns.
    pub columns: Vec<ColumnProfile>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// Looks at a table and drafts a system that learns `target` from it. `location` is relative to `base` when
/// it is read, and `written` is how the file refers to it.
///
/// # Errors
/// When the table cannot be read or has no such column, or the target cannot be learnt.
pub fn draft(engine: &Engine, base: &Path, location: &str, written: &str, name: &str, target: &str) -> Result<Draft> {
    crate::file::check_name(name)?;
    let raw = crate::table::read_spelt(engine, Some(target), &arkwright_data::Request::new(base, location))?;
    let (bad, mut notations, frame) = (raw.bad.clone(), raw.notations(), raw.into_frame()?);
    let typing = Typing {
        roles: BTreeMap::from([(target.to_string(), Role::Target)]),
        threads: engine.threads(),
        ..Typing::default()
    };
    let mut typed = typing.apply(&frame)?;
    notations.extend(std::mem::take(&mut typed.notations));
    let task = typed.task.ok_or_else(|| Error::column(target, "cannot be learnt"))?;
    if task == Task::Classify && classes(&typed.columns, target) < 2 {
        return Err(Error::column(target, "is the same in every row: there is nothing to tell apart"));
    }
    let mut warnings = Vec::new();
    let named = classes(&typed.columns, target);
    if task == Task::Classify && named > MANY_CLASSES && named * 2 > frame.rows() as u64 {
        warnings.push(format!(
            "`{target}` has {named} different values in {}: that is a name rather than a class, and nothing that a \
             model can learn",
            counted(frame.rows() as u64, "row")
        ));
    }
    if bad.count > 0 {
        warnings.push(format!("{} could not be read", counted(bad.count, "row")));
    }
    let frame = crate::table::with_target(typed.frame)?.0;
    let frame = Request::of(&frame)?.conform(&frame.to_batch()?, 0)?;
    let (train, test) = hold_out(&frame, &Split { kind: SplitKind::Random, ..Split::default() }, 0)?;
    let split = leakage::Split { train: &train, test: &test, in_time: false };
    let suspects = leakage::audit(&frame, &split, engine.threads())?;
    let mut ignore: Vec<(String, String)> = Vec::new();
    for finding in suspects {
        match &finding.column {
            Some(column) if frame.fields().iter().any(|f| f.role == Role::Input && &f.name == column) => {
                ignore.push((column.clone(), finding.message.clone()));
            }
            _ => warnings.push(finding.message.clone()),
        }
    }
    let inputs = frame.fields().iter().filter(|f| f.role == Role::Input);
    if inputs.clone().count() == 0 {
        return Err(Error::data("no column is left to learn from").with_hint("bring a table with more columns"));
    }
    let others: Vec<&Field> = inputs.clone().filter(|f| !ignore.iter().any(|(n, _)| n == &f.name)).collect();
    let suspects = Suspects { columns: &ignore, are_all: others.is_empty() };
    if suspects.are_all {
        // Without them nothing is left: the file keeps them, and says what is odd about each.
        warnings.extend(ignore.iter().map(|(_, why)| why.clone()));
    }
    let usable: Vec<&Field> = if suspects.are_all { inputs.collect() } else { others };
    let head = Head { name, source: written, target, task, notation: &notation(&notations) };
    let text = text(head, &typed.columns, suspects, &usable);
    Ok(Draft { text, task, rows: frame.rows(), columns: typed.columns, warnings })
}

/// Classes beyond which a target that is another in most rows is told.
const MANY_CLASSES: u64 = 20;

/// What a file says first: what the system is called and does, and what it learns from.
struct Head<'a> {
    name: &'a str,
    source: &'a str,
    target: &'a str,
    task: Task,
    notation: &'a [String],
}

/// Columns that may give the target away, each with the reason.
struct Suspects<'a> {
    columns: &'a [(String, String)],
    /// Whether nothing is left without them.
    are_all: bool,
}

fn text(head: Head<'_>, columns: &[ColumnProfile], suspects: Suspects<'_>, inputs: &[&Field]) -> String {
    let Head { name, source, target, task, notation } = head;
    let mut text = String::new();
    let quote = |s: &str| serde_json::Value::from(s).to_string();
    let mut line = |s: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{s}");
    };
    line("# A machine-learning system: `arkwright run` makes it, `arkwright plan` shows what that would do.".into());
    line("format = 1\n".into());
    line("[system]".into());
    line(format!("name = {}", quote(name)));
    line(format!("task = \"{task}\"\n"));
    line("[data]".into());
    line(format!("source = {}", quote(source)));
    line(format!("target = {}", quote(target)));
    notation.iter().for_each(|said| line(said.clone()));
    line("# key = \"COLUMN\"          # names a row: carried along, never learnt from".into());
    if suspects.columns.is_empty() {
        line("ignore = []              # columns to leave out".into());
    } else if suspects.are_all {
        line("ignore = []              # columns to leave out; all are suspects, and one at least must stay:".into());
        for (column, why) in suspects.columns {
            line(format!("#   {},  # {}", quote(column), comment(why)));
        }
    } else {
        line("ignore = [               # suspects; take a line away to learn from the column all the same".into());
        for (column, why) in suspects.columns {
            line(format!("    {},  # {}", quote(column), comment(why)));
        }
        line("]".into());
    }
    line("\n# What is in the table:".into());
    for column in columns.iter().take(LISTED) {
        let missing = if column.missing > 0 { format!(", {} missing", column.missing) } else { String::new() };
        let aside = column.set_aside.as_deref().map_or(String::new(), |why| format!(", set aside: {}", comment(why)));
        line(format!(
            "#   {:<24} {}, {} distinct{missing}{aside}",
            comment(&column.name),
            column.kind,
            column.distinct
        ));
    }
    if columns.len() > LISTED {
        line(format!("#   and {} more columns", columns.len() - LISTED));
    }
    let checks = infer_checks(columns);
    if !checks.is_empty() {
        line(
            "\n# Checks that it passes; take away the # of those that must hold (on_fail: refuse, set_aside or warn):"
                .into(),
        );
    }
    for (column, check) in checks.iter().take(LISTED) {
        line(format!("# checks.{} = {}", key_text(column), comment(&inline(check))));
    }
    if let Some(example) = example(inputs) {
        line("\n# [prepare]               # new columns, each an expression over the others of its row".into());
        line(format!("# derive = {{ {example} }}"));
    }
    line("\n[split]".into());
    let kind = if task == Task::Classify { "stratified" } else { "random" };
    line(format!("kind = \"{kind}\"      # random | stratified | group | time (the last two: by = \"COLUMN\")"));
    line("test = 0.2               # held out for the judge".into());
    line("folds = 5                # compare the candidates\n".into());
    line("# Candidates; the best by the first metric is registered. Settings: `arkwright schema`.".into());
    let linear = if task == Task::Classify { "logistic" } else { "linear" };
    for kind in ["baseline", linear, "random_forest", "gbdt"] {
        line(format!("[[model]]\nkind = \"{kind}\""));
        if kind == "gbdt" {
            line("# tune.learning_rate  = { low = 0.01, high = 0.3, log = true }".into());
            line("# tune.max_leaf_nodes = { low = 8, high = 128, log = true }".into());
        }
        line(String::new());
    }
    line("[evaluate]".into());
    let measured = match (task, classes(columns, target)) {
        (Task::Regress, _) => arkwright_measure::Task::Regression,
        (Task::Classify, 0..=2) => arkwright_measure::Task::Binary,
        (Task::Classify, _) => arkwright_measure::Task::Multiclass,
    };
    let metrics: Vec<String> = Metric::defaults(measured).iter().take(4).map(|m| quote(m.name())).collect();
    line(format!("metrics = [{}]", metrics.join(", ")));
    line("# gate.METRIC = { min = 0.8 }   # a model that fails a gate is never promoted".into());
    text
}

/// The settings that say how the columns are written, where that is not as programs write.
fn notation(columns: &BTreeMap<String, Notation>) -> Vec<String> {
    let decimal = columns.values().find(|n| n.decimal == ',').map(|_| "decimal = \",\"".to_string());
    let dates = columns.values().find_map(|n| serde_json::to_string(&n.dates?).ok()).map(|d| format!("dates = {d}"));
    decimal.into_iter().chain(dates).collect()
}

fn classes(columns: &[ColumnProfile], target: &str) -> u64 {
    columns.iter().find(|c| c.name == target).map_or(0, |c| c.distinct)
}

/// A check as an inline table, what it does not ask left out.
fn inline(check: &Check) -> String {
    let asked = serde_json::to_value(check).unwrap_or_default();
    let asked = asked.as_object().into_iter().flatten().filter(|(_, value)| **value != Json::Bool(false));
    let asked: Vec<String> = asked.map(|(key, value)| format!("{key} = {value}")).collect();
    format!("{{ {} }}", asked.join(", "))
}

/// Text that stays within a comment.
fn comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// An expression that would run on the table.
fn example(inputs: &[&Field]) -> Option<String> {
    let is_plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let can_be_quoted = |f: &&&Field| !f.name.contains(['"', '\'']) && !f.name.chars().any(char::is_control);
    let of = |kind: Kind| inputs.iter().filter(can_be_quoted).filter(move |f| f.kind == kind).map(|f| f.name.as_str());
    let mut numbers = of(Kind::Number);
    match (numbers.next(), numbers.next()) {
        (Some(a), Some(b)) => {
            let name = if is_plain(a) && is_plain(b) { format!("{a}_by_{b}") } else { "ratio".into() };
            Some(format!("{name} = '\"{a}\" / nullif(\"{b}\", 0)'"))
        }
        (Some(a), None) => Some(format!("doubled = '2 * \"{a}\"'")),
        (None, _) => of(Kind::Category).next().map(|a| format!("letters = 'char_length(\"{a}\")'")),
    }
}
