//! The short form: `[data]`, `[prepare]` and `[[model]]` are sugar over named data and named steps.
//!
//! `expand` rewrites tables; whatever it writes, a user could have written. A candidate becomes
//! `search(hold_out(chain(prepare, model)))`, the search only where something is to be tuned and the
//! hold-out only where something watches it; all candidates become one step of kind `choose`.
//! Preparation is innermost, so that it is fitted anew in every fold.

use crate::file::section::{PrepareSection, TuneSection};
use arkwright_core::{Entry, Error, Map, Node, Registry, Result, Settings, Span, Spec, Task, Value};

/// The name of the step that a short file's candidates become.
pub const PREDICTION: &str = "prediction";
/// The name of a short file's data set.
pub const TABLE: &str = "table";

/// Rewrites the short form's tables into `[step.NAME]` tables. Without `[[model]]` and without steps,
/// the default candidates of the task stand in. Nothing happens where the file names its steps.
///
/// # Errors
/// When the short form is mixed with named steps, or a candidate is wrong.
pub fn expand(map: &mut Map, task: Task, metric: &str, split: &Value, registry: &Registry) -> Result<()> {
    let models = map.take("model");
    let prepare = map.take("prepare");
    let tune = map.take("tune");
    if map.get("step").is_some() {
        let extra = [("model", &models), ("prepare", &prepare), ("tune", &tune)];
        return match extra.iter().find_map(|(name, value)| value.as_ref().map(|v| (name, v))) {
            None => Ok(()),
            Some((name, value)) => Err(Error::setting(format!("`{name}` and `step` do not go together"))
                .at_place(value.span)
                .with_hint("`arkwright plan --expand` prints the long form of a short file")),
        };
    }
    let prepare = table_of(prepare, "prepare")?;
    let derive_place = prepare.get("derive").and_then(|derive| derive.span);
    let prepare = PrepareSection::read(prepare)?;
    let tune = TuneSection::read(table_of(tune, "tune")?)?;
    let place = models.as_ref().and_then(|models| models.span);
    let candidates = match models {
        None => defaults(task).iter().map(|kind| map_of(vec![("kind", text(kind))])).collect(),
        Some(value) => tables_of(value, "model")?,
    };
    let mut names = Vec::new();
    let candidates = candidates
        .into_iter()
        .map(|model| candidate(model, task, metric, split, &tune, &mut names, registry))
        .collect::<Result<Vec<_>>>()?;

    let mut steps = Map::default();
    let (fit, from) = if prepare.derive.is_empty() {
        (TABLE.to_string(), "request".to_string())
    } else {
        let columns =
            Map { entries: prepare.derive.iter().map(|(name, sql)| entry(name, text(sql))).collect(), span: None };
        let derived = map_of(vec![("kind", text("derive")), ("fit", text(TABLE)), ("columns", Value::from(columns))]);
        steps.set("derived", Value { span: derive_place, ..Value::from(derived) });
        (format!("derived({TABLE})"), "derived".to_string())
    };
    let choose = map_of(vec![
        ("kind", text("choose")),
        ("fit", text(&fit)),
        ("from", text(&from)),
        ("metric", text(metric)),
        ("split", split.clone()),
        ("candidates", list(candidates)),
    ]);
    steps.set(PREDICTION, Value { span: place, ..Value::from(choose) });
    map.set("step", Value::from(steps));
    Ok(())
}

/// The candidates of a file that names none.
fn defaults(task: Task) -> [&'static str; 4] {
    match task {
        Task::Classify => ["baseline", "logistic", "random_forest", "gbdt"],
        Task::Regress => ["baseline", "linear", "random_forest", "gbdt"],
    }
}

/// One `[[model]]` as the table of a candidate.
fn candidate(
    mut model: Map,
    task: Task,
    metric: &str,
    split: &Value,
    tune: &TuneSection,
    names: &mut Vec<String>,
    registry: &Registry,
) -> Result<Map> {
    let place = model.span;
    let kind = match model.get("kind") {
        Some(Value { node: Node::Text(kind), .. }) => kind.clone(),
        Some(other) => return Err(Error::setting("`kind` is text").at_place(other.span)),
        None => return Err(Error::setting("`kind` is missing").at_place(place).with_hint("kind = \"gbdt\"")),
    };
    let spec = registry.spec(&kind).map_err(|e| e.at_place(model.get("kind").and_then(|v| v.span)))?;
    let (inner, inner_place) = innermost(spec, &model, registry)?;
    let is_step = inner.kind != spec.kind && inner.tasks.is_empty();
    if !inner.tasks.contains(&task) && inner.within.is_none() && !is_step {
        let can = registry.specs().filter(|s| s.tasks.contains(&task) || s.within.is_some());
        let can: Vec<&str> = can.map(|s| s.kind).collect();
        return Err(Error::setting(format!("`{}` cannot {task}", inner.kind))
            .at_place(inner_place)
            .with_hint(format!("these can: {}", can.join(", "))));
    }
    let name = match model.take("name") {
        Some(Value { node: Node::Text(name), .. }) => name,
        Some(other) => return Err(Error::setting("`name` is text").at_place(other.span)),
        None => kind.clone(),
    };
    let name = unique(name, names);
    let tuned = model.take("tune");
    let trials = model.take("trials");
    let prepare = match model.take("prepare") {
        Some(Value { node: Node::List(items), .. }) => items,
        Some(other) => return Err(Error::setting("`prepare` is a list of steps").at_place(other.span)),
        None => inner.prepare.iter().map(|kind| text(kind)).collect(),
    };
    let watches = model.get("patience").is_some() || tuned_key(&tuned, "patience");
    let mut steps = prepare;
    steps.push(Value::from(model));
    let mut of = match steps.len() {
        1 => steps.remove(0),
        _ => Value::from(map_of(vec![
            ("kind", text("chain")),
            ("steps", Value { node: Node::List(steps), span: place }),
        ])),
    };
    if watches {
        of = Value::from(map_of(vec![("kind", text("hold_out")), ("split", split.clone()), ("of", of)]));
    }
    if let Some(space) = tuned {
        let trials = trials.unwrap_or_else(|| integer(tune.trials.into()));
        of = Value::from(map_of(vec![
            ("kind", text("search")),
            ("metric", text(metric)),
            ("trials", trials),
            ("folds", integer(tune.folds.into())),
            ("split", split.clone()),
            ("tune", space),
            ("of", of),
        ]));
    } else if let Some(trials) = trials {
        return Err(Error::setting("`trials` without anything to tune").at_place(trials.span));
    }
    Ok(Map { span: place, ..map_of(vec![("name", text(&name)), ("of", of)]) })
}

/// The estimator that does the work, with its place: the one itself, or what it holds.
fn innermost<'r>(spec: &'r Spec, of: &Map, registry: &'r Registry) -> Result<(&'r Spec, Option<Span>)> {
    let place = of.get("kind").and_then(|kind| kind.span).or(of.span);
    let Some(Value { node, span }) = spec.within.and_then(|key| of.get(key)) else { return Ok((spec, place)) };
    match node {
        Node::Text(kind) => Ok((registry.spec(kind).map_err(|e| e.at_place(*span))?, *span)),
        Node::Map(inner) => match inner.get("kind") {
            Some(Value { node: Node::Text(kind), span }) => {
                innermost(registry.spec(kind).map_err(|e| e.at_place(*span))?, inner, registry)
            }
            _ => Ok((spec, place)),
        },
        _ => Ok((spec, place)),
    }
}

fn tuned_key(tuned: &Option<Value>, key: &str) -> bool {
    matches!(tuned, Some(Value { node: Node::Map(map), .. }) if map.get(key).is_some())
}

fn unique(name: String, names: &mut Vec<String>) -> String {
    let mut unique = name.clone();
    let mut number = 2;
    while names.contains(&unique) {
        unique = format!("{name}_{number}");
        number += 1;
    }
    names.push(unique.clone());
    unique
}

/// A section's table, empty where the section is absent.
pub(super) fn table_of(value: Option<Value>, name: &str) -> Result<Map> {
    match value {
        None => Ok(Map::default()),
        Some(Value { node: Node::Map(map), .. }) => Ok(map),
        Some(other) => Err(Error::setting(format!("`{name}` is a table, not {}", other.describe()))
            .at_place(other.span)
            .with_hint(format!("[{name}]"))),
    }
}

fn tables_of(value: Value, name: &str) -> Result<Vec<Map>> {
    let wrong = |v: &Value| {
        Error::setting(format!("`{name}` is a list of tables")).at_place(v.span).with_hint(format!("[[{name}]]"))
    };
    match value {
        Value { node: Node::List(items), .. } => items
            .into_iter()
            .map(|item| match item {
                Value { node: Node::Map(map), .. } => Ok(map),
                other => Err(wrong(&other)),
            })
            .collect(),
        other => Err(wrong(&other)),
    }
}

fn entry(key: &str, value: Value) -> Entry {
    Entry { key: key.to_string(), key_span: None, value }
}

fn map_of(entries: Vec<(&str, Value)>) -> Map {
    Map { entries: entries.into_iter().map(|(key, value)| entry(key, value)).collect(), span: None }
}

fn text(text: &str) -> Value {
    Value { node: Node::Text(text.to_string()), span: None }
}

fn integer(number: i64) -> Value {
    Value { node: Node::Integer(number), span: None }
}

fn list(maps: Vec<Map>) -> Value {
    Value { node: Node::List(maps.into_iter().map(Value::from).collect()), span: None }
}
