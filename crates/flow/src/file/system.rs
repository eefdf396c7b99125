//! A system: named data, named steps, and how it is split, judged and served.

use super::graph::{self, REQUEST, Step};
use super::section::{ChecksSection, DataSection, EvaluateSection, PrepareSection, ServeSection, SystemSection};
use super::short::{TABLE, expand, table_of};
use super::spans::Spans;
use arkwright_core::{Error, Json, Map, Node, Registry, Result, Settings, Task, Value};
use arkwright_validate::Split;
use indexmap::IndexMap;

/// The newest file format that this program reads; it fixes the defaults.
pub const FORMAT: i64 = 1;

/// The sections of the file.
const SECTIONS: &[&str] =
    &["format", "system", "data", "prepare", "split", "model", "step", "tune", "evaluate", "checks", "serve", "watch"];

/// What a file says before its data is read: everything but the steps, whose defaults depend on the task.
#[derive(Clone, Debug)]
pub struct Header {
    /// The system's name.
    pub name: String,
    /// The task, where the file says it.
    pub task: Option<Task>,
    /// The seed, where the file says it.
    pub seed: Option<u64>,
    /// The data sets.
    pub data: IndexMap<String, DataSection>,
    /// How rows are split; the kind may still depend on the task.
    pub split: Option<Split>,
    /// How models are judged.
    pub evaluate: EvaluateSection,
    /// What to do about what the audit finds.
    pub checks: ChecksSection,
    /// The way from request to answer.
    pub serve: ServeSection,
    /// What is in the file and not acted on by this version.
    pub ignored: Vec<String>,
    /// Where things stand in the file.
    pub spans: Spans,
    split_table: Map,
    rest: Map,
}

/// A whole system.
#[derive(Clone, Debug)]
pub struct System {
    /// What stands around the steps.
    pub header: Header,
    /// The task.
    pub task: Task,
    /// How rows are split.
    pub split: Split,
    /// The steps, each after those that it names.
    pub steps: Vec<Step>,
    /// The metrics' names, resolved.
    pub metrics: Vec<String>,
    /// The long form, as tables.
    pub long: Map,
}

impl Header {
    /// Takes the sections of a file. `folder` names the system where the file does not.
    ///
    /// # Errors
    /// An unknown section or key, or an impossible value, with its place.
    pub fn read(mut map: Map, folder: &str) -> Result<Self> {
        let spans = Spans::new(map.clone());
        if let Some(entry) = map.entries.iter().find(|e| !SECTIONS.contains(&e.key.as_str())) {
            let error = Error::setting(format!("unknown section `{}`", entry.key)).at_place(entry.key_span);
            let error = error.with_hint(format!("the sections are {}", SECTIONS.join(", ")));
            return Err(error.nearest(&entry.key, SECTIONS.iter().copied()));
        }
        match map.take("format") {
            None => {}
            Some(Value { node: Node::Integer(n), .. }) if (1..=FORMAT).contains(&n) => {}
            Some(other) => {
                return Err(Error::setting(format!("this program reads format {FORMAT}"))
                    .at_place(other.span)
                    .with_hint("format = 1"));
            }
        }
        let system_table = table_of(map.take("system"), "system")?;
        let name_place = system_table.get("name").and_then(|v| v.span);
        let system = SystemSection::read(system_table)?;
        let name = system.name.unwrap_or_else(|| folder.to_string());
        check_name(&name).map_err(|e| e.at_place(name_place))?;
        let data = data(map.take("data"))?;
        let split_table = table_of(map.take("split"), "split")?;
        let split = match split_table.entries.is_empty() {
            true => None,
            false => Some(Split::read(split_table.clone())?),
        };
        let evaluate = EvaluateSection::read(table_of(map.take("evaluate"), "evaluate")?)?;
        let checks = ChecksSection::read(table_of(map.take("checks"), "checks")?)?;
        let mut ignored = Vec::new();
        let mut serve = table_of(map.take("serve"), "serve")?;
        for key in ["rollout"] {
            if serve.take(key).is_some() {
                ignored.push(format!("serve.{key}"));
            }
        }
        if map.take("watch").is_some() {
            ignored.push("watch".into());
        }
        let serve = ServeSection::read(serve)?;
        Ok(Self {
            name,
            task: system.task,
            seed: system.seed,
            data,
            split,
            evaluate,
            checks,
            serve,
            ignored,
            spans,
            split_table,
            rest: map,
        })
    }

    /// What a short file does to the columns; nothing in a long one.
    ///
    /// # Errors
    /// When the section is wrong.
    pub fn prepare(&self) -> Result<PrepareSection> {
        PrepareSection::read(table_of(self.rest.get("prepare").cloned(), "prepare")?)
    }

    /// The expressions of the steps that derive columns.
    pub fn derived(&self) -> Vec<String> {
        let Some(Value { node: Node::Map(steps), .. }) = self.rest.get("step") else { return Vec::new() };
        let tables = steps.entries.iter().filter_map(|entry| match &entry.value.node {
            Node::Map(step) if step.get("kind").is_some_and(|kind| kind.to_json() == "derive") => step.get("columns"),
            _ => None,
        });
        let columns = tables.filter_map(|columns| match columns.to_json() {
            Json::Object(columns) => Some(columns.into_iter().filter_map(|(_, sql)| sql.as_str().map(str::to_string))),
            _ => None,
        });
        columns.flatten().collect()
    }

    /// The data set that holds the target: the answer's, or the only one with a target.
    ///
    /// # Errors
    /// When no data set has a target, or several and the file does not say which requests are like.
    pub fn request_data(&self) -> Result<(&str, &DataSection)> {
        if let Some(name) = &self.serve.request {
            return self.data.get_key_value(name).map(|(k, v)| (k.as_str(), v)).ok_or_else(|| {
                Error::setting(format!("`serve.request` names `{name}`, which is no data set"))
                    .at_place(self.spans.value(&["serve", "request"]))
                    .nearest(name, self.data.keys().map(String::as_str))
            });
        }
        let mut with_target = self.data.iter().filter(|(_, d)| d.target.is_some());
        match (with_target.next(), with_target.next()) {
            (Some((name, data)), None) => Ok((name, data)),
            (None, _) => Err(Error::setting("no data set has a target").with_hint("[data]\ntarget = \"COLUMN\"")),
            (Some((first, _)), Some((second, _))) => {
                Err(Error::setting(format!("`data.{first}` and `data.{second}` both have a target"))
                    .with_hint(format!("say which of them a request is like: [serve]\nrequest = \"{first}\"")))
            }
        }
    }

    /// The whole system, now that the task and the fields are known.
    ///
    /// # Errors
    /// A wrong step, a metric that does not suit the task, a gate on a metric that is not measured.
    pub fn system(&self, task: Task, split: Split, metrics: Vec<String>, registry: &Registry) -> Result<System> {
        let mut rest = self.rest.clone();
        let first = metrics.first().cloned().unwrap_or_default();
        let folds = fold_table(&self.split_table, &split);
        expand(&mut rest, task, &first, &folds, registry)?;
        let data: Vec<&str> = self.data.keys().map(String::as_str).collect();
        let steps_table = table_of(rest.get("step").cloned(), "step")?;
        let steps = graph::steps(steps_table, &data, &registry.for_task(Some(task)))?;
        if steps.is_empty() {
            return Err(Error::setting("there is nothing to fit").with_hint("[[model]]\nkind = \"gbdt\""));
        }
        if let Some(answer) = &self.serve.answer
            && !steps.iter().any(|s| &s.name == answer)
        {
            return Err(Error::setting(format!("`serve.answer` names `{answer}`, which is no step"))
                .at_place(self.spans.value(&["serve", "answer"]))
                .nearest(answer, steps.iter().map(|s| s.name.as_str())));
        }
        Ok(System { header: self.clone(), task, split, steps, metrics, long: self.long(task, &rest) })
    }

    fn long(&self, task: Task, rest: &Map) -> Map {
        let json = |v: serde_json::Value| Value::from(without_empty(v));
        let mut long = Map::default();
        long.set("format", json(FORMAT.into()));
        long.set("system", json(serde_json::json!({ "name": self.name, "task": task, "seed": self.seed })));
        let data: serde_json::Map<_, _> = self.data.iter().map(|(name, d)| (name.clone(), d.resolved())).collect();
        long.set("data", json(data.into()));
        if !self.split_table.entries.is_empty() {
            long.set("split", Value::from(self.split_table.clone()));
        }
        if let Some(steps) = rest.get("step") {
            long.set("step", steps.clone());
        }
        let sections = [
            ("evaluate", self.evaluate.resolved()),
            ("checks", self.checks.resolved()),
            ("serve", self.serve.resolved()),
        ];
        for (name, section) in sections {
            long.set(name, json(section));
        }
        long.entries.retain(|e| !matches!(&e.value.node, Node::Map(m) if m.entries.is_empty()));
        long
    }
}

impl System {
    /// The step that answers a request.
    pub fn answer(&self) -> &Step {
        let named = self.header.serve.answer.as_ref().and_then(|name| self.steps.iter().find(|s| &s.name == name));
        named.unwrap_or(&self.steps[self.steps.len() - 1])
    }

    /// The steps on the way from a request to its answer, in order.
    pub fn route(&self) -> Vec<&Step> {
        let mut needed = vec![self.answer().name.as_str()];
        let mut route = Vec::new();
        for step in self.steps.iter().rev() {
            if needed.contains(&step.name.as_str()) {
                needed.extend(step.from.iter().filter(|f| f.as_str() != REQUEST).map(String::as_str));
                route.push(step);
            }
        }
        route.reverse();
        route
    }
}

/// The part of `[split]` that makes folds, for the step that compares candidates.
fn fold_table(table: &Map, split: &Split) -> Value {
    let mut folds = table.clone();
    folds.take("test");
    if folds.get("kind").is_none() {
        folds.set("kind", Value::from(serde_json::to_value(split.kind).unwrap_or_default()));
    }
    Value::from(folds)
}

/// JSON without nulls, empty lists and empty tables: what a person would write.
fn without_empty(json: serde_json::Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match json {
        Json::Object(map) => Json::Object(
            map.into_iter()
                .map(|(key, value)| (key, without_empty(value)))
                .filter(|(_, v)| {
                    !(v.is_null()
                        || v.as_array().is_some_and(Vec::is_empty)
                        || v.as_object().is_some_and(serde_json::Map::is_empty))
                })
                .collect(),
        ),
        other => other,
    }
}

fn data(value: Option<Value>) -> Result<IndexMap<String, DataSection>> {
    let table = table_of(value, "data")?;
    if table.entries.is_empty() {
        return Err(Error::setting("there is no data").with_hint("[data]\nsource = \"table.csv\"\ntarget = \"COLUMN\""));
    }
    // `[data]` with keys is one table; `[data.NAME]` are named ones.
    let named = table.get("source").is_none() && table.entries.iter().all(|e| matches!(e.value.node, Node::Map(_)));
    if !named {
        return Ok(IndexMap::from([(TABLE.to_string(), DataSection::read(table)?)]));
    }
    table
        .entries
        .into_iter()
        .map(|entry| {
            check_name(&entry.key).map_err(|e| e.at_place(entry.key_span))?;
            if entry.key == REQUEST {
                return Err(Error::setting("the name `request` is taken").at_place(entry.key_span));
            }
            let Node::Map(section) = entry.value.node else {
                return Err(Error::setting("a data set is a table").at_place(entry.value.span));
            };
            Ok((entry.key, DataSection::read(section)?))
        })
        .collect()
}

/// Names are `[a-z0-9][a-z0-9_-]*`.
///
/// # Errors
/// When a name is not.
pub fn check_name(name: &str) -> Result<()> {
    let good = name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
        && name.len() <= 100;
    match good {
        true => Ok(()),
        false => Err(Error::setting(format!("`{name}` cannot be a name"))
            .with_hint("a name is made of a-z, 0-9, - and _, and starts with a letter or a digit")),
    }
}
