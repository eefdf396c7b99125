//! Reads XGBoost's JSON and UBJSON.
//!
//! `x < t` on numbers rounded to the nearest `f32` is `x <= u`, where u is the `f32` next below t. The trees of
//! several classes may come in any order: each round here takes one of each class, as the walks want it, and
//! the sums of a class are made in the file's order still.

use super::form::{Booster, Model, Tree, Trees};
use crate::tree::exchange::build::{Builder, Told};
use crate::tree::exchange::{Imported, Input, check_size, ubjson, unknown};
use crate::tree::foreign::{CODES, Reading};
use crate::tree::node::{Ensemble, Link, Shape};
use arkwright_core::{Error, Json, Result};
use std::collections::BTreeMap;

/// Features and classes that are read, at most.
const MANY: usize = 1 << 24;

/// A tree with its weight, and the categories' places.
struct Weighted<'a> {
    tree: &'a Tree,
    weight: f32,
    /// Where each node that asks for a category has its own: start and count.
    categories: BTreeMap<i64, (usize, usize)>,
}

impl Ensemble {
    /// Reads a model of XGBoost's, JSON or UBJSON (`save_model`, version 1.0 and later): trees of `gbtree` or
    /// `dart`. Predicts as it does, but for the rounding of sums, which are in `f32` there.
    ///
    /// # Errors
    /// When the file is damaged, or holds a booster or an objective that is not known here; with the line and
    /// column, or the byte.
    pub fn from_xgboost(bytes: &[u8]) -> Result<Imported> {
        check_size(bytes)?;
        let model = parse(bytes)?;
        read(&model).map_err(|e| e.within("an XGBoost model"))
    }
}

fn parse(bytes: &[u8]) -> Result<Model> {
    let wrong = |what: String| {
        Error::data(format!("this is no XGBoost model: {what}"))
            .with_hint("it is saved with `booster.save_model(\"model.json\")`; the older binary form is not read")
    };
    // In JSON, what follows the first brace is a blank or a quote; in UBJSON a letter.
    let is_json = bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{')
        && bytes.iter().filter(|b| !b.is_ascii_whitespace()).nth(1).is_none_or(|b| matches!(b, b'"' | b'}'));
    match is_json {
        true => serde_json::from_slice(bytes).map_err(|e| wrong(e.to_string())),
        false => ubjson::read(bytes).map_err(|e| wrong(e.to_string())),
    }
}

fn read(model: &Model) -> Result<Imported> {
    let learner = &model.learner;
    let (trees, weights) = booster(&learner.gradient_booster)?;
    let parameters = &learner.learner_model_param;
    let count = |name: &str, text: &str| match text.parse::<usize>() {
        Ok(count) if count < MANY => Ok(count),
        _ => Err(Error::data(format!("`{name}` is `{text}`"))),
    };
    let features = count("num_feature", &parameters.num_feature)?;
    let outputs = count("num_class", &parameters.num_class)?.max(1);
    if parameters.num_target.as_deref().unwrap_or("1").parse::<usize>().is_ok_and(|targets| targets > 1) {
        return Err(unknown("a model of several targets"));
    }
    if trees.tree_info.len() != trees.trees.len() {
        let (n, m) = (trees.tree_info.len(), trees.trees.len());
        return Err(Error::data(format!("`tree_info` tells of {n} trees where there are {m}")));
    }
    let objective = &learner.objective.name;
    let (link, margin) = link(objective, outputs)?;
    let base = base(&parameters.base_score, outputs, margin)?;
    let levels = levels(trees, features)?;
    let all = trees.trees.iter().enumerate().map(|(i, tree)| {
        let weight = weights.map_or(1.0, |weights| weights[i]);
        Weighted::of(tree, weight).map_err(|e| e.within(format!("tree {i}")))
    });
    let all = all.collect::<Result<Vec<_>>>()?;
    let is_category = |at: usize| learner.feature_types.get(at).is_some_and(|kind| kind == "c");
    let mut reach = reach(&all, features);
    for (at, levels) in levels.iter().enumerate() {
        // Every level has a bit, so that none counts as one beyond.
        reach[at] = reach[at].or(is_category(at).then_some(0)).map(|n| n.max(levels.as_ref().map_or(0, Vec::len)));
    }
    let shapes = reach.iter().zip(&levels).map(|(reach, levels)| match (reach, levels) {
        (None, _) => Shape::Foreign(Reading::Nearest),
        (Some(_), Some(_)) => Shape::Level,
        (Some(reach), None) => Shape::Foreign(Reading::CodeUpTo(32 * words(*reach) - 1)),
    });
    let mut builder = Builder::new(shapes.collect(), link, 1, base)?;
    for round in rounds(&trees.tree_info, outputs)? {
        for tree in round {
            match tree {
                // A class that has fewer trees than another.
                None => builder.tree(0, |_| Ok(Told::Leaf { values: vec![0.0], cover: 1.0 }))?,
                Some(i) => builder.tree(0, |id| all[i].told(id, &reach)).map_err(|e| e.within(format!("tree {i}")))?,
            }
        }
    }
    let names = &learner.feature_names;
    if !names.is_empty() && names.len() != features {
        return Err(Error::data(format!("`feature_names` has {} of {features} names", names.len())));
    }
    let input = |(at, levels)| Input { name: names.get(at).cloned(), levels };
    let inputs = levels.into_iter().enumerate().map(input).collect();
    Ok(Imported { trees: builder.finish()?, inputs, objective: objective.clone() })
}

/// The trees, and the weight of each where they have one.
fn booster(booster: &Booster) -> Result<(&Trees, Option<&[f32]>)> {
    let missing = || Error::data("`gradient_booster` holds no trees");
    match booster.name.as_str() {
        "gbtree" => Ok((booster.model.as_ref().ok_or_else(missing)?, None)),
        "dart" => {
            let trees = booster.gbtree.as_ref().and_then(|inner| inner.model.as_ref()).ok_or_else(missing)?;
            match booster.weight_drop.len() == trees.trees.len() {
                true => Ok((trees, Some(&booster.weight_drop))),
                false => Err(Error::data("`weight_drop` has not one weight a tree")),
            }
        }
        other => Err(unknown(format!("the booster `{other}`"))),
    }
}

/// How a base score becomes a raw answer.
type Margin = fn(f32) -> f32;

/// The link of an objective, and what becomes of the base score.
fn link(objective: &str, outputs: usize) -> Result<(Link, Margin)> {
    let logit: Margin = |p| -libm::logf(1.0 / p - 1.0);
    let log: Margin = |x| libm::logf(x);
    let same: Margin = |x| x;
    let found = match objective {
        "reg:squarederror"
        | "reg:linear"
        | "reg:squaredlogerror"
        | "reg:pseudohubererror"
        | "reg:absoluteerror"
        | "reg:quantileerror"
        | "rank:pairwise"
        | "rank:ndcg"
        | "rank:map"
        // Of raw answers the base score is one as well, and no probability.
        | "binary:logitraw" => (Link::Identity, same),
        "binary:logistic" => (Link::Logistic, logit),
        "reg:logistic" => (Link::Sigmoid, logit),
        "multi:softprob" | "multi:softmax" => (Link::Softmax, same),
        "count:poisson" | "reg:gamma" | "reg:tweedie" | "survival:cox" | "survival:aft" => (Link::Exp, log),
        other => return Err(unknown(format!("the objective `{other}`"))),
    };
    match (found.0 == Link::Softmax, outputs) {
        (true, 2..) | (false, 1) => Ok(found),
        _ => Err(Error::data(format!("the objective `{objective}` does not give {outputs} answers"))),
    }
}

/// The raw answers without trees, from a text such as `5E-1` or `[5E-1,2E-1]`.
fn base(text: &str, outputs: usize, margin: Margin) -> Result<Vec<f64>> {
    let wrong = || Error::data(format!("`base_score` is `{text}`"));
    let list = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let scores = list.split(',').map(|score| score.trim().parse::<f32>()).collect::<Result<Vec<_>, _>>();
    let scores: Vec<f64> = scores.map_err(|_| wrong())?.into_iter().map(|score| margin(score).into()).collect();
    match scores.len() {
        _ if scores.iter().any(|score| !score.is_finite()) => Err(wrong()),
        1 => Ok(vec![scores[0]; outputs]),
        n if n == outputs => Ok(scores),
        _ => Err(wrong()),
    }
}

/// The trees in rounds of one for each class.
fn rounds(classes: &[i64], outputs: usize) -> Result<Vec<Vec<Option<usize>>>> {
    let mut rounds: Vec<Vec<Option<usize>>> = Vec::new();
    let mut counts = vec![0; outputs];
    for (tree, &class) in classes.iter().enumerate() {
        let at = usize::try_from(class).ok().filter(|&class| class < outputs);
        let at = at.ok_or_else(|| Error::data(format!("tree {tree} is of class {class}, of {outputs}")))?;
        if counts[at] == rounds.len() {
            // A round for each tree of one class, of thousands of classes, is not what anybody trained.
            if (rounds.len() + 1).saturating_mul(outputs) > MANY {
                return Err(Error::data("there are too many trees and classes"));
            }
            rounds.push(vec![None; outputs]);
        }
        rounds[counts[at]][at] = Some(tree);
        counts[at] += 1;
    }
    Ok(rounds)
}

/// One past the largest category that is listed of each feature; `None` for those that are numbers.
fn reach(trees: &[Weighted<'_>], features: usize) -> Vec<Option<usize>> {
    let mut reach: Vec<Option<usize>> = vec![None; features];
    for Weighted { tree, categories, .. } in trees {
        for (node, &(start, count)) in categories {
            let feature = usize::try_from(*node).ok().and_then(|node| tree.split_indices.get(node));
            let place = feature.and_then(|&feature| reach.get_mut(usize::try_from(feature).ok()?));
            // What is out of place is told of when the tree is built.
            let Some(reach) = place else { continue };
            let largest = tree.categories[start..start + count].iter().max().map_or(0, |&c| c as usize + 1);
            *reach = Some(reach.unwrap_or(0).max(largest));
        }
    }
    reach
}

/// The words of a set of so many categories, and of one beyond.
fn words(reach: usize) -> u32 {
    reach as u32 / 32 + 1
}

/// The values of each feature's categories, where the file has them.
fn levels(trees: &Trees, features: usize) -> Result<Vec<Option<Vec<Json>>>> {
    let mut all = vec![None; features];
    let Some(categories) = &trees.cats else { return Ok(all) };
    for (at, enc) in categories.enc.iter().enumerate().take(features) {
        all[at] = values(enc).map_err(|e| e.within(format!("the categories of feature {at}")))?;
    }
    Ok(all)
}

/// The values of one feature's categories: numbers, or bytes of texts and where each begins.
fn values(enc: &BTreeMap<String, Json>) -> Result<Option<Vec<Json>>> {
    let list = |name: &str| enc.get(name).and_then(Json::as_array);
    let Some(values) = list("values").filter(|values| !values.is_empty()) else { return Ok(None) };
    let Some(offsets) = list("offsets") else { return Ok(Some(values.clone())) };
    let damaged = || Error::data("the texts do not fit their places");
    let bytes: Option<Vec<u8>> = values.iter().map(|v| v.as_i64().map(|byte| byte as u8)).collect();
    let bytes = bytes.ok_or_else(damaged)?;
    if !bytes.is_ascii() {
        // XGBoost 3.2 counts letters where bytes are meant and cuts such texts off: the category is read by its code.
        return Ok(None);
    }
    let text = |pair: &[Json]| {
        let place = |json: &Json| json.as_u64().and_then(|at| usize::try_from(at).ok());
        let bytes = bytes.get(place(&pair[0])?..place(&pair[1])?)?;
        Some(Json::from(std::str::from_utf8(bytes).ok()?))
    };
    let texts: Option<Vec<Json>> = offsets.windows(2).map(text).collect();
    texts.map(Some).ok_or_else(damaged)
}

impl<'a> Weighted<'a> {
    fn of(tree: &'a Tree, weight: f32) -> Result<Self> {
        if tree.tree_param.size_leaf_vector.as_deref().is_some_and(|size| !matches!(size, "0" | "1")) {
            return Err(unknown("a tree of several answers (`multi_strategy = \"multi_output_tree\"`)"));
        }
        let nodes = tree.left_children.len();
        let lengths =
            [tree.right_children.len(), tree.split_indices.len(), tree.split_conditions.len(), tree.default_left.len()];
        let optional = [tree.sum_hessian.len(), tree.split_type.len()];
        if lengths.iter().any(|&n| n != nodes) || optional.iter().any(|&n| n != nodes && n != 0) {
            return Err(Error::data("its arrays are not of one length"));
        }
        if tree.categories.iter().any(|&category| !(0..i64::from(CODES)).contains(&category)) {
            return Err(Error::data(format!("a category is not from 0 to {}", CODES - 1)));
        }
        let (starts, counts) = (&tree.categories_segments, &tree.categories_sizes);
        if starts.len() != tree.categories_nodes.len() || counts.len() != tree.categories_nodes.len() {
            return Err(Error::data("the places of its categories are not of one length"));
        }
        let mut categories = BTreeMap::new();
        for ((&node, &start), &count) in tree.categories_nodes.iter().zip(starts).zip(counts) {
            let place = usize::try_from(start).ok().zip(usize::try_from(count).ok());
            let place = place
                .filter(|&(start, count)| start.checked_add(count).is_some_and(|end| end <= tree.categories.len()));
            let place = place.ok_or_else(|| Error::data(format!("the categories of node {node} are not there")))?;
            categories.insert(node, place);
        }
        Ok(Self { tree, weight, categories })
    }

    fn told(&self, id: i64, reach: &[Option<usize>]) -> Result<Told> {
        let tree = self.tree;
        let missing = || Error::data(format!("node {id} is not there"));
        let at = usize::try_from(id).ok().filter(|&at| at < tree.left_children.len()).ok_or_else(missing)?;
        let (left, right, condition) = (tree.left_children[at], tree.right_children[at], tree.split_conditions[at]);
        if left == -1 {
            let cover = tree.sum_hessian.get(at).copied().unwrap_or(0.0).into();
            return Ok(Told::Leaf { values: vec![(condition * self.weight).into()], cover });
        }
        let index = tree.split_indices[at];
        let unknown = || Error::data(format!("node {id} asks for feature {index}, of {}", reach.len()));
        let feature = usize::try_from(index).map_err(|_| unknown())?;
        let missing_left = tree.default_left[at].0;
        if tree.split_type.get(at) == Some(&1) {
            let &(start, count) = self.categories.get(&id).ok_or_else(missing)?;
            let reach = reach.get(feature).copied().flatten().ok_or_else(unknown)?;
            // Those that are listed go right, all others left.
            let mut set = vec![u32::MAX; words(reach) as usize];
            for &category in &tree.categories[start..start + count] {
                set[category as usize / 32] &= !(1 << (category % 32));
            }
            return Ok(Told::Codes { feature, set, missing_left, left, right });
        }
        if !condition.is_finite() {
            return Err(Error::data(format!("the threshold of node {id} is {condition}")));
        }
        Ok(Told::Number { feature, threshold: condition.next_down().into(), missing_left, left, right })
    }
}
