//! A bundle of trees becomes another program's model.
//!
//! A model file holds trees and nothing that comes before them. Codes of levels can be said: the mapping from
//! text to code goes into a file beside the model. Any other step that changes a column is refused, since the
//! other program would predict from something else than was learnt on.

use super::replay::{Replay, Replayed};
use crate::table::{TableNotes, load};
use arkwright_bundle::Bundle;
use arkwright_core::{Context, Error, Field, Frame, Json, Kind, Parts, Result};
use arkwright_learn::Predictor;
use arkwright_learn::tree::Ensemble;
use arkwright_learn::tree::exchange::{Input, Program};
use arkwright_store::Stage;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// A model for another program.
#[derive(Debug)]
pub struct Exported {
    /// The model file.
    pub model: Vec<u8>,
    /// What is not in it and must be known to use it: the codes of levels, the order of the classes.
    pub levels: Option<Json>,
    /// What the replay found.
    pub replayed: Replayed,
}

/// The trees of a bundle, with what they read and answer.
pub(super) struct Trees {
    pub(super) predictor: Predictor<Ensemble>,
    pub(super) inputs: Vec<Input>,
    pub(super) rests: BTreeMap<String, Rest>,
}

/// The codes that a `levels` step gives what has no level of its own.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rest {
    /// What is rare, or was never seen.
    pub(super) other: Option<u32>,
    /// What is missing.
    pub(super) missing: Option<u32>,
}

/// What a `levels` step saves.
#[derive(Deserialize)]
struct Leveller {
    takes: Vec<String>,
    levels: Vec<Known>,
}

#[derive(Deserialize)]
struct Known {
    other: Option<u32>,
    absent: Option<u32>,
}

/// Writes the trees of a bundle for another program, and replays what was written: on `rows`, and on rows made
/// of the trees' own thresholds.
///
/// # Errors
/// When the bundle is more than trees, its trees cannot be said there, or the replay answers another thing.
pub fn export(bundle: &Bundle, program: Program, rows: Option<&Frame>, ctx: &Context) -> Result<Exported> {
    let trees = Trees::of(bundle)?;
    let classes = trees.predictor.classes();
    let model = program.write(trees.predictor.learner(), &trees.inputs, classes)?;
    let replayed = Replay { bundle, trees: &trees, program, model: &model }.run(rows, ctx)?;
    let coded: BTreeMap<&String, Json> = trees
        .inputs
        .iter()
        .filter_map(|input| {
            let (name, levels) = (input.name.as_ref()?, input.levels.as_ref()?);
            let rest = trees.rest(name);
            Some((name, json!({ "levels": levels, "other": rest.other, "missing": rest.missing })))
        })
        .collect();
    let unnamed = classes.filter(|_| program != Program::Onnx);
    let levels = (!coded.is_empty() || unnamed.is_some()).then(|| {
        let features: Vec<&Option<String>> = trees.inputs.iter().map(|input| &input.name).collect();
        json!({ "features": features, "codes": coded, "classes": classes })
    });
    Ok(Exported { model, levels, replayed })
}

/// The rows that a run held out, while they are still kept.
///
/// # Errors
/// When what is kept is damaged.
pub fn held_out(stages: &[Stage], ctx: &Context) -> Result<Option<Frame>> {
    // The data set that was split is the one that was judged on.
    let Some(split) = stages.iter().find(|stage| stage.name.starts_with("split ")) else { return Ok(None) };
    let read = format!("read {}", &split.name["split ".len()..]);
    let Some(read) = stages.iter().find(|stage| stage.name == read) else { return Ok(None) };
    let (Some(split), Some(notes)) = (ctx.kept(&split.key), ctx.kept(&read.key)) else { return Ok(None) };
    let Ok(notes) = TableNotes::deserialize(notes.notes) else { return Ok(None) };
    let Ok(table) = load(ctx, &notes) else { return Ok(None) };
    let parts = split.parts.ok_or_else(|| Error::Saved("a split without rows".into()))?;
    table.take(parts.get("test")?).map(Some)
}

impl Trees {
    pub(super) fn of(bundle: &Bundle) -> Result<Self> {
        let mut fitted = Vec::new();
        for step in bundle.steps() {
            let saved = step.model.save()?;
            flatten(&step.name, &saved, &mut fitted)?;
        }
        let Some((name, last)) = fitted.pop() else { return Err(Error::data("the bundle has no steps")) };
        if last.format != "trees" {
            return Err(Error::data(format!("the predictor `{name}` is of the kind `{}`, not trees", last.format))
                .with_hint("only trees are exchanged: decision_tree, random_forest, extra_trees, gbdt"));
        }
        let mut rests = BTreeMap::new();
        for (name, parts) in &fitted {
            if parts.format == "levels" {
                let saved: Leveller = parts.get_json()?;
                let rest = |known: &Known| Rest { other: known.other, missing: known.absent };
                rests.extend(saved.takes.into_iter().zip(saved.levels.iter().map(rest)));
                continue;
            }
            let changes = !parts.json["takes"].as_array().is_some_and(Vec::is_empty);
            if changes {
                return Err(Error::data(format!("the step `{name}` ({}) cannot be said in a model file", parts.format))
                    .with_hint("train without it: trees need neither scaling nor imputing; dates and derived columns can be made columns of the table"));
            }
        }
        let predictor = Predictor::from_parts(&last)?;
        let inputs = predictor.inputs().iter().map(inputs).collect::<Result<Vec<_>>>()?.concat();
        Ok(Self { predictor, inputs, rests })
    }

    /// The codes of what has no level of its own.
    pub(super) fn rest(&self, input: &str) -> Rest {
        self.rests.get(input).copied().unwrap_or_default()
    }
}

/// The parts of a step; of a chain, those of its steps.
fn flatten(name: &str, parts: &Parts, into: &mut Vec<(String, Parts)>) -> Result<()> {
    match parts.format.as_str() {
        "chain" => parts.children.iter().try_for_each(|(_, child)| flatten(&child.format, child, into)),
        _ => {
            into.push((name.to_string(), parts.clone()));
            Ok(())
        }
    }
}

/// The features of a column.
fn inputs(field: &Field) -> Result<Vec<Input>> {
    match &field.kind {
        Kind::Number => Ok(vec![Input { name: Some(field.name.clone()), levels: None }]),
        Kind::Level { levels: Some(levels) } => {
            let levels = levels.iter().map(|level| Json::from(level.as_str())).collect();
            Ok(vec![Input { name: Some(field.name.clone()), levels: Some(levels) }])
        }
        Kind::Vector { width: Some(width), names } => {
            let name = |at: usize| match names {
                Some(names) => format!("{}_{}", field.name, names[at]),
                None => format!("{}_{at}", field.name),
            };
            Ok((0..*width).map(|at| Input { name: Some(name(at)), levels: None }).collect())
        }
        kind => Err(Error::column(&field.name, format!("a {kind} cannot be said in a model file"))),
    }
}
