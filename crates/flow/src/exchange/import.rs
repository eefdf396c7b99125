//! Another program's trees become a bundle.
//!
//! Its request has a column for each feature: a number, or a category where the file has its values. A `levels`
//! step codes these as the other program did, and the trees are the answer. What the file does not hold, names
//! of features or classes, is given or counted.

use arkwright_bundle::{Bundle, Graph, REQUEST, RequestField, Step};
use arkwright_core::{Error, Field, Json, Kind, Result, Task};
use arkwright_learn::Predictor;
use arkwright_learn::preprocess::Levels;
use arkwright_learn::tree::exchange::{Input, Program};
use arrow::array::Float64Array;
use arrow::datatypes::DataType;
use arrow::util::display::array_value_to_string;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is said of a model besides its file.
#[derive(Clone, Debug, Default)]
pub struct Imports {
    /// What the system is called.
    pub name: String,
    /// The features' names in their order; those of the file if not given.
    pub features: Option<Vec<String>>,
    /// The classes' names in their order; `0`, `1` ... if not given.
    pub classes: Option<Vec<String>>,
}

/// The bundle of a model file, and its card.
///
/// # Errors
/// When the file cannot be read, or the names are not as many as what they name.
pub fn import(bytes: &[u8], imports: &Imports) -> Result<(Bundle, Json)> {
    let program = Program::of(bytes);
    let read = program.read(bytes)?;
    let names = names(&read.inputs, imports.features.as_deref())?;
    let classes = match (read.classes(), &imports.classes) {
        (None, None) => None,
        (None, Some(_)) => return Err(Error::data("the model answers with numbers: it has no classes to name")),
        (Some(count), None) => Some((0..count).map(|class| class.to_string()).collect()),
        (Some(count), Some(classes)) if classes.len() == count => Some(once_each("class", classes)?),
        (Some(count), Some(classes)) => {
            return Err(Error::data(format!("{} classes are named, and the model has {count}", classes.len())));
        }
    };
    let (mut request, mut inputs, mut levels) = (Vec::new(), Vec::new(), Vec::new());
    for (name, input) in names.into_iter().zip(&read.inputs) {
        let (kind, data_type) = match &input.levels {
            None => (Kind::Number, DataType::Float64),
            Some(values) => {
                let (data_type, texts) = spelt(values)?;
                inputs.push(Field::input(&name, Kind::Level { levels: Some(texts.clone().into()) }));
                levels.push((name.clone(), texts));
                (Kind::Category, data_type)
            }
        };
        if kind == Kind::Number {
            inputs.push(Field::input(&name, Kind::Number));
        }
        let values = levels.last().filter(|_| kind == Kind::Category).map(|(_, texts)| sorted(texts));
        // A table of pandas has true and false as such, and its model knows 1 and 0.
        let bools = kind == Kind::Number;
        request.push(RequestField { bools, values, ..RequestField::new(Field::input(name, kind), data_type) });
    }
    let task = if classes.is_some() { Task::Classify } else { Task::Regress };
    let card = json!({
        "task": task,
        "imported_from": program.name(),
        "objective": read.objective,
        "trees": read.trees.trees(),
        "features": request.len(),
    });
    let model = Predictor::new(read.trees, inputs, classes.map(|classes: Vec<String>| Arc::from(classes)));
    let mut steps = Vec::new();
    let mut from = REQUEST.to_string();
    if !levels.is_empty() {
        steps.push(Step { name: "levels".into(), model: Levels::fitted(levels)?, from: vec![from] });
        from = "levels".into();
    }
    steps.push(Step { name: "model".into(), model: Arc::new(model), from: vec![from] });
    let meta = json!({ "target": null, "key": null, "imported_from": program.name() });
    let graph = Graph { system: imports.name.clone(), task, request, steps, answer: "model".into(), meta };
    Ok((Bundle::new(graph)?, card))
}

fn names(inputs: &[Input], given: Option<&[String]>) -> Result<Vec<String>> {
    match given {
        Some(given) if given.len() != inputs.len() => {
            Err(Error::data(format!("{} features are named, and the model has {}", given.len(), inputs.len())))
        }
        Some(given) => once_each("feature", given),
        None => Ok((0..).zip(inputs).map(|(at, i)| i.name.clone().unwrap_or_else(|| format!("f{at}"))).collect()),
    }
}

/// Names that were given, each of them once.
fn once_each(what: &str, names: &[String]) -> Result<Vec<String>> {
    let mut seen = BTreeSet::new();
    match names.iter().find(|name| !seen.insert(name.as_str())) {
        Some(twice) => Err(Error::data(format!("two {what} names are `{twice}`")).with_hint("name each otherwise")),
        None => Ok(names.to_vec()),
    }
}

/// The values as a request keeps them.
fn sorted(texts: &[String]) -> Arc<[String]> {
    let values: BTreeSet<&String> = texts.iter().collect();
    values.into_iter().cloned().collect()
}

/// A category's values as a request spells them, and the type that they are of.
fn spelt(values: &[Json]) -> Result<(DataType, Vec<String>)> {
    let all = |is: fn(&Json) -> bool| values.iter().all(is);
    let data_type = match () {
        () if all(|v| v.is_i64() || v.is_u64()) => DataType::Int64,
        () if all(Json::is_number) => DataType::Float64,
        () if all(Json::is_boolean) => DataType::Boolean,
        () => DataType::Utf8,
    };
    let text = |value: &Json| match (value, &data_type) {
        (Json::String(text), _) => Ok(text.clone()),
        (Json::Number(number), DataType::Float64) => {
            let number = number.as_f64().unwrap_or(f64::NAN);
            Ok(array_value_to_string(&Float64Array::from(vec![number]), 0)?)
        }
        (Json::Number(_) | Json::Bool(_), _) => Ok(value.to_string()),
        _ => Err(Error::data(format!("a category has the value {value}"))),
    };
    let texts = values.iter().map(text).collect::<Result<_>>()?;
    Ok((data_type, texts))
}
