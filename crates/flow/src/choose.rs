//! Choosing among candidates: each is cross-validated on the same folds, the best by the first metric is
//! fitted on all rows. A score is the mean over folds. The leaderboard goes to the report through the fit's
//! notes.

use arkwright_core::{
    Context, Error, Estimator, Field, Fitted, Hash, Hasher, Json, Map, Node, Part, Reads, Registry, Result, Settings,
    Signature, Source, Span, Spec, Task, Train, Value, collect, target_of,
};
use arkwright_measure::Metric;
use arkwright_tune::{History, Search};
use arkwright_validate::{CrossValidated, Fold, Split, cross_validate, folds, named_metric, remarks};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The version of what it gives.
const VERSION: u32 = 2;

/// Candidates and how they are compared.
pub struct Choose {
    candidates: Vec<(String, Part)>,
    /// Where each stands in the file.
    places: Vec<Option<Span>>,
    metrics: Vec<Metric>,
    split: Split,
    settings: Json,
}

/// A row of the leaderboard.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Candidate {
    /// The candidate's name.
    pub name: String,
    /// Its scores on rows that it did not learn from; `None` where it failed.
    pub scores: Option<CrossValidated>,
    /// Why it failed.
    pub error: Option<String>,
    /// Whether it was chosen.
    pub chosen: bool,
}

/// What a `choose` tells the report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Leaderboard {
    /// The metric that chose.
    pub metric: String,
    /// The candidates, best first, failed ones last.
    pub candidates: Vec<Candidate>,
    /// What the chosen fit told in turn: trials of a search, a learning curve.
    pub notes: Json,
}

impl Choose {
    /// The kind in the file.
    pub const KIND: &'static str = "choose";

    /// The names of a part's candidates, and the keys under which their cross-validations are remembered;
    /// none for a part that is no `choose`.
    pub fn inner_keys(part: &Part, data: &dyn Source, seed: u64) -> Vec<(String, Option<Hash>)> {
        let Some(candidates) = part.settings["candidates"].as_array().filter(|_| part.kind == Self::KIND) else {
            return Vec::new();
        };
        candidates
            .iter()
            .map(|c| (c["name"].as_str().unwrap_or_default().to_string(), Self::key(&part.settings, c, data, seed)))
            .collect()
    }

    /// The key of a candidate's cross-validation: the candidate but for its name, how it is compared, the rows.
    fn key(settings: &Json, candidate: &Json, data: &dyn Source, seed: u64) -> Option<Hash> {
        let key = Hasher::new("cross-validate")
            .number(VERSION.into())
            .json(&candidate["kind"])
            .json(&candidate["version"])
            .json(&candidate["settings"])
            .json(&settings["split"])
            .json(&settings["metrics"])
            .number(seed)
            .hash(&data.identity()?);
        Some(key.finish())
    }

    /// The part that a step settled on, its tuned settings filled in: the chosen candidate of a `choose`, the
    /// best trial of a `search`, anything else as it stands. `notes` is what its fit told.
    ///
    /// # Errors
    /// When the notes are another step's.
    pub fn settled(step: Value, notes: &Json, registry: &Registry) -> Result<Part> {
        let Node::Map(table) = &step.node else { return registry.parse(step) };
        let kind = match table.get("kind") {
            Some(Value { node: Node::Text(kind), .. }) => kind.as_str(),
            _ => "",
        };
        let saved = |e: serde_json::Error| Error::Saved(e.to_string());
        match kind {
            Self::KIND => {
                let board = Leaderboard::deserialize(notes).map_err(saved)?;
                let chosen = board.candidates.iter().find(|c| c.chosen).map(|c| c.name.as_str());
                let of = candidates(table).find(|(name, _)| Some(*name) == chosen).map(|(_, of)| of.clone());
                let of = of.ok_or_else(|| Error::Saved("the chosen candidate is not in the file".into()))?;
                Self::settled(of, &board.notes, registry)
            }
            Search::KIND => {
                let history = History::deserialize(notes).map_err(saved)?;
                Self::settled(Search::settled(table, &history)?, &history.notes, registry)
            }
            _ => registry.parse(step),
        }
    }

    fn judge(&self, place: usize, train: &Train, folds: &[Fold], ctx: &Context) -> Result<CrossValidated> {
        let part = &self.candidates[place].1;
        let settings = &self.settings;
        let key = Self::key(settings, &settings["candidates"][place], train.data.as_ref(), ctx.root_seed());
        let kept = ctx.remember(key, || {
            let scores = cross_validate(part, train.data.clone(), folds, &self.metrics, ctx)?;
            serde_json::to_value(&scores).map_err(|e| Error::Saved(e.to_string()))
        })?;
        serde_json::from_value(kept).map_err(|e| Error::Saved(e.to_string()))
    }
}

/// The spec of `choose`.
pub fn spec() -> Spec {
    Spec {
        kind: Choose::KIND,
        version: VERSION,
        about: "cross-validates candidates on the same folds and fits the best on all rows",
        tasks: &[],
        prepare: &[],
        schema: || {
            schemars::json_schema!({
                "type": "object",
                "properties": {
                    "candidates": { "type": "array", "items": {
                        "type": "object",
                        "properties": { "name": { "type": "string" }, "of": { "$ref": "#/$defs/estimator" } },
                        "required": ["name", "of"]
                    } },
                    "metric": { "type": "string" },
                    "metrics": { "type": "array", "items": { "type": "string" } },
                    "split": { "$ref": "#/$defs/split" }
                },
                "required": ["candidates", "metric"],
                "additionalProperties": false
            })
        },
        parse,
        within: None,
        models: &[],
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rest {
    metric: String,
    #[serde(default)]
    metrics: Vec<String>,
}

fn parse(mut map: Map, registry: &Registry) -> Result<Part> {
    let place = map.span;
    let split = Split::take(&mut map)?.unwrap_or_default();
    let Some(Value { node: Node::List(items), .. }) = map.take("candidates") else {
        return Err(Error::setting("`candidates` is a list of tables").at_place(place));
    };
    let places: Vec<Option<Span>> = items.iter().map(|item| item.span).collect();
    let candidates = items.into_iter().map(|item| candidate(item, registry)).collect::<Result<Vec<_>>>()?;
    if candidates.is_empty() {
        return Err(Error::setting("there are no candidates to choose from").at_place(place));
    }
    let metric_place = map.get("metric").and_then(|v| v.span).or(place);
    let rest: Rest = arkwright_core::from_value(Value::from(map)).map_err(|e| e.at_place(place))?;
    let names = std::iter::once(&rest.metric).chain(&rest.metrics);
    let metrics =
        names.map(|name| named_metric(name).map_err(|e| e.at_place(metric_place))).collect::<Result<Vec<_>>>()?;
    if registry.task().is_some() {
        let chooses = metrics.first().copied();
        for ((name, part), place) in candidates.iter().zip(&places) {
            suits_metric(name, part, chooses).map_err(|e| e.at_place(*place))?;
        }
    }
    let settings = serde_json::json!({
        "candidates": candidates.iter().map(|(name, part)| {
            let mut json = part.to_json();
            json["name"] = name.as_str().into();
            json
        }).collect::<Vec<_>>(),
        "metrics": metrics.iter().map(|m| m.name()).collect::<Vec<_>>(),
        "split": split.resolved(),
    });
    let estimator = Arc::new(Choose { candidates, places, metrics, split, settings: settings.clone() });
    Ok(Part { kind: Choose::KIND, version: VERSION, estimator, settings })
}

/// Refuses a metric that reads risks as times, or times as risks: it would choose the worst.
fn suits_metric(name: &str, part: &Part, metric: Option<Metric>) -> Result<()> {
    let (is_risk, reads_risks) = (answers_risks(&part.settings), metric == Some(Metric::ConcordanceRisk));
    match (is_risk, reads_risks) {
        (true, false) => Err(Error::setting(format!(
            "`{name}` answers risks (`loss = \"cox\"`), which no metric of times reads"
        ))
        .with_hint(
            "[evaluate] metrics = [\"concordance_risk\"], and candidates that answer times in a file of their own",
        )),
        (false, true) if part_kind(&part.settings, part.kind) != "baseline" => {
            Err(Error::setting(format!("`{name}` answers times, and `concordance_risk` reads risks")).with_hint(
                "[evaluate] metrics = [\"concordance\"], and candidates with `loss = \"cox\"` in a file of their own",
            ))
        }
        _ => Ok(()),
    }
}

/// Whether a part, or what it holds, learns a risk.
fn answers_risks(settings: &Json) -> bool {
    match settings {
        Json::Object(map) => map.get("loss").is_some_and(|loss| loss == "cox") || map.values().any(answers_risks),
        Json::Array(list) => list.iter().any(answers_risks),
        _ => false,
    }
}

/// The kind of what answers: the last of a chain.
fn part_kind<'a>(settings: &'a Json, kind: &'a str) -> &'a str {
    match settings["steps"].as_array().and_then(|steps| steps.last()) {
        Some(last) => part_kind(&last["settings"], last["kind"].as_str().unwrap_or_default()),
        None => kind,
    }
}

/// The candidates of a table, by name.
fn candidates(table: &Map) -> impl Iterator<Item = (&str, &Value)> {
    let items = match table.get("candidates") {
        Some(Value { node: Node::List(items), .. }) => items.as_slice(),
        _ => &[],
    };
    items.iter().filter_map(|item| match &item.node {
        Node::Map(map) => {
            let of = map.get("of")?;
            let name = match (map.get("name"), &of.node) {
                (Some(Value { node: Node::Text(name), .. }), _) => name,
                (None, Node::Text(kind)) => kind,
                (None, Node::Map(of)) => match of.get("kind") {
                    Some(Value { node: Node::Text(kind), .. }) => kind,
                    _ => return None,
                },
                _ => return None,
            };
            Some((name.as_str(), of))
        }
        _ => None,
    })
}

fn candidate(item: Value, registry: &Registry) -> Result<(String, Part)> {
    let place = item.span;
    let Node::Map(mut table) = item.node else {
        return Err(Error::setting("a candidate is a table").at_place(place));
    };
    let of = table.take("of").ok_or_else(|| Error::setting("`of` is missing").at_place(place))?;
    let part = registry.parse(of)?;
    let name = match table.take("name") {
        Some(Value { node: Node::Text(name), .. }) => name,
        Some(other) => return Err(Error::setting("`name` is text").at_place(other.span)),
        None => part.kind.to_string(),
    };
    match table.entries.first() {
        Some(entry) => Err(Error::setting(format!("unknown key `{}`", entry.key)).at_place(entry.key_span)),
        None => Ok((name, part)),
    }
}

impl Estimator for Choose {
    fn output(&self, input: &[Field]) -> Result<Signature> {
        let task = Task::of(target_of(input)?)?;
        use arkwright_measure::Task as Measured;
        let suits = |m: &Metric| match task {
            Task::Classify => m.suits(Measured::Binary) || m.suits(Measured::Multiclass),
            Task::Regress => m.suits(Measured::Regression),
        };
        if let Some(metric) = self.metrics.iter().find(|m| !suits(m)) {
            return Err(Error::setting(format!("the metric `{}` does not suit the task, {task}", metric.name())));
        }
        let mut first = None;
        for ((name, part), place) in self.candidates.iter().zip(&self.places) {
            let signature = part.estimator.output(input).map_err(|e| e.at_place(*place).within(name.clone()))?;
            first.get_or_insert(signature);
        }
        first.ok_or_else(|| Error::setting("there are no candidates to choose from"))
    }

    fn reads(&self) -> Reads {
        Reads::All
    }

    fn fit(&self, train: Train, ctx: &Context) -> Result<Fitted> {
        let frame = collect(train.data.as_ref(), ctx)?;
        let folds = folds(&frame, &self.split, ctx.root_seed())?;
        remarks(&frame, &self.split)?.iter().for_each(|remark| ctx.warn(remark));
        let judged: Vec<Result<CrossValidated>> = self
            .candidates
            .par_iter()
            .enumerate()
            .map(|(place, (name, _))| self.judge(place, &train, &folds, &ctx.child(name)))
            .collect();
        let mut rows: Vec<(usize, Candidate)> = Vec::new();
        let mut hint = None;
        for (i, ((name, _), judged)) in self.candidates.iter().zip(judged).enumerate() {
            let (scores, error) = match judged {
                Ok(scores) => (Some(scores), None),
                Err(error) if error.is_stop() => return Err(error),
                Err(error) => {
                    hint = hint.or_else(|| error.hint());
                    (None, Some(error.to_string()))
                }
            };
            rows.push((i, Candidate { name: name.clone(), scores, error, chosen: false }));
        }
        let greater = self.metrics[0].greater_is_better();
        let rank = |c: &Candidate| match c.scores.as_ref().and_then(|s| s.value(self.metrics[0].name())) {
            Some(value) if greater => -value,
            Some(value) => value,
            None => f64::INFINITY,
        };
        // Equal scores keep the order of the file.
        rows.sort_by(|(_, a), (_, b)| rank(a).total_cmp(&rank(b)));
        let Some((best, _)) = rows.iter().find(|(_, c)| c.scores.is_some()) else {
            let told: Vec<String> =
                rows.iter().map(|(_, c)| format!("{}: {}", c.name, c.error.as_deref().unwrap_or("no score"))).collect();
            let error = Error::data(format!("no candidate could be fitted: {}", told.join("; ")));
            return Err(match hint {
                Some(hint) => error.with_hint(hint),
                None => error,
            });
        };
        let best = *best;
        let fitted = ctx.child(&self.candidates[best].0).fit(&self.candidates[best].1, train)?;
        let candidates = rows.into_iter().map(|(i, c)| Candidate { chosen: i == best, ..c }).collect();
        let board = Leaderboard { metric: self.metrics[0].name().to_string(), candidates, notes: fitted.notes };
        let notes = serde_json::to_value(board).map_err(|e| Error::Saved(e.to_string()))?;
        Ok(Fitted { notes, ..fitted })
    }
}
