//! Reads LightGBM's text.
//!
//! What LightGBM calls missing is a matter of each node; here a value is read once for all nodes of a feature.
//! A NaN that counts as 0 goes at each node the way that 0 goes there, which is known beforehand. Where 0 counts
//! as missing, it is missing everywhere; nodes that want both of one feature are refused.

use crate::tree::exchange::build::{Builder, Told};
use crate::tree::exchange::{Imported, Input, check_size, unknown};
use crate::tree::foreign::{Reading, ZERO};
use crate::tree::node::{Ensemble, Link, Shape};
use arkwright_core::{Error, Json, Result};
use std::collections::HashMap;
use std::str::FromStr;

/// Features and trees that are read, at most.
const MANY: usize = 1 << 24;

/// The lines of a part of the file, by key, each with its number.
#[derive(Default)]
struct Lines<'a> {
    first: usize,
    values: HashMap<&'a str, (usize, &'a str)>,
}

/// The file, taken apart.
#[derive(Default)]
struct Parts<'a> {
    header: Lines<'a>,
    trees: Vec<Lines<'a>>,
    categorical_feature: Option<&'a str>,
    pandas_categorical: Option<(usize, &'a str)>,
}

/// A tree's arrays.
#[derive(Default)]
struct Tree {
    line: usize,
    feature: Vec<usize>,
    threshold: Vec<f64>,
    decision: Vec<u8>,
    left: Vec<i64>,
    right: Vec<i64>,
    leaf: Vec<f64>,
    cover: Vec<f64>,
    boundaries: Vec<usize>,
    words: Vec<u32>,
}

/// What a node takes for missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Missing {
    None,
    Zero,
    Nan,
}

const CATEGORICAL: u8 = 1;
const DEFAULT_LEFT: u8 = 2;

impl Ensemble {
    /// Reads a text model of LightGBM's (`save_model`, versions 2 to 4), to predict as it does: to the bit,
    /// but for what adding up leaves in another order would change.
    ///
    /// # Errors
    /// When the file is damaged, or holds linear trees or an objective that is not known here; with the line.
    pub fn from_lightgbm(bytes: &[u8]) -> Result<Imported> {
        check_size(bytes)?;
        let text = std::str::from_utf8(bytes).map_err(|e| {
            Error::data(format!("the file is no text: byte {} is not UTF-8", e.valid_up_to()))
                .with_hint("LightGBM's models are saved with `booster.save_model(\"model.txt\")`")
        })?;
        read(&Parts::of(text)?).map_err(|e| e.within("a LightGBM model"))
    }
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Result<Self> {
        let mut parts = Self::default();
        let mut lines = text.lines().enumerate().map(|(i, line)| (i + 1, line.trim_end()));
        match lines.next() {
            Some((_, "tree")) => {}
            _ => {
                return Err(Error::data("line 1: a LightGBM model begins with the line `tree`")
                    .with_hint("it is saved with `booster.save_model(\"model.txt\")`"));
            }
        }
        let mut ended = false;
        for (at, line) in lines {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            match key {
                "" => {}
                "end of trees" => ended = true,
                "Tree" if !ended && parts.trees.len() >= MANY => return Err(Error::data("there are too many trees")),
                "Tree" if !ended => parts.trees.push(Lines { first: at, values: HashMap::new() }),
                _ if !ended => {
                    let lines = parts.trees.last_mut().unwrap_or(&mut parts.header);
                    if lines.values.insert(key, (at, value)).is_some() {
                        return Err(Error::data(format!("line {at}: `{key}` is there twice")));
                    }
                }
                _ => {
                    if let Some(value) = line.strip_prefix("[categorical_feature: ") {
                        parts.categorical_feature = value.strip_suffix(']');
                    } else if let Some(value) = line.strip_prefix("pandas_categorical:") {
                        parts.pandas_categorical = Some((at, value));
                    }
                }
            }
        }
        match ended {
            true => Ok(parts),
            false => Err(Error::data("the file is cut short: there is no line `end of trees`")),
        }
    }
}

impl<'a> Lines<'a> {
    fn text(&self, key: &str) -> Result<(usize, &'a str)> {
        let missing = || Error::data(format!("line {}: what begins here has no `{key}`", self.first.max(1)));
        self.values.get(key).copied().ok_or_else(missing)
    }

    fn number<T: FromStr>(&self, key: &str) -> Result<T> {
        let (line, value) = self.text(key)?;
        value.trim().parse().map_err(|_| Error::data(format!("line {line}: `{key}` is `{}`", brief(value))))
    }

    fn list<T: FromStr>(&self, key: &str) -> Result<Vec<T>> {
        let (line, values) = self.text(key)?;
        let read = |value: &str| {
            value.parse().map_err(|_| Error::data(format!("line {line}: `{}` among `{key}`", brief(value))))
        };
        values.split_ascii_whitespace().map(read).collect()
    }

    /// A list of a known length.
    fn exactly<T: FromStr>(&self, key: &str, length: usize) -> Result<Vec<T>> {
        let list = self.list(key)?;
        match list.len() == length {
            true => Ok(list),
            false => {
                let line = self.text(key)?.0;
                Err(Error::data(format!("line {line}: `{key}` has {} values where {length} are due", list.len())))
            }
        }
    }
}

/// A value short enough for a message.
fn brief(value: &str) -> String {
    value.chars().take(40).collect()
}

fn read(parts: &Parts<'_>) -> Result<Imported> {
    let header = &parts.header;
    let features = header.number::<usize>("max_feature_idx")?;
    if features >= MANY {
        return Err(Error::data(format!("{features} features are too many")));
    }
    let features = features + 1;
    let names: Vec<String> = header.exactly("feature_names", features)?;
    let outputs: usize = header.number("num_tree_per_iteration")?;
    if outputs == 0 || !parts.trees.len().is_multiple_of(outputs) {
        return Err(Error::data(format!("{} trees are no rounds of {outputs}", parts.trees.len())));
    }
    let objective = header.values.get("objective").map_or("", |(_, text)| text);
    let (link, scale) = link(objective, outputs)?;
    let average = header.values.contains_key("average_output");
    // A mean of the trees is a link of its own; under another, the leaves are divided.
    let (link, scale) = match (average, link) {
        (false, link) => (link, scale),
        (true, Link::Identity) => (Link::Mean, scale),
        (true, link) => (link, scale * outputs as f64 / parts.trees.len().max(1) as f64),
    };
    let trees = parts.trees.iter().enumerate();
    let trees = trees.map(|(i, lines)| Tree::of(lines).map_err(|e| e.within(format!("tree {i}"))));
    let trees = trees.collect::<Result<Vec<_>>>()?;
    let levels = levels(parts, features)?;
    let shapes = shapes(&trees, &levels)?;
    let mut builder = Builder::new(shapes, link, 1, vec![0.0; outputs])?;
    for (i, tree) in trees.iter().enumerate() {
        let root = if tree.feature.is_empty() { !0 } else { 0 };
        let within = |e: Error| e.within(format!("tree {i} (line {})", tree.line));
        builder.tree(root, |id| tree.told(id, scale)).map_err(within)?;
    }
    let input = |(name, levels)| Input { name: Some(name), levels };
    let inputs = names.into_iter().zip(levels).map(input).collect();
    Ok(Imported { trees: builder.finish()?, inputs, objective: objective.to_string() })
}

/// The link of an objective, and what its leaves are multiplied by.
fn link(objective: &str, outputs: usize) -> Result<(Link, f64)> {
    let mut words = objective.split_ascii_whitespace();
    let name = words.next().unwrap_or_default();
    let words: Vec<&str> = words.collect();
    let setting = |key: &str| words.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix(':'));
    let sigmoid = match setting("sigmoid").map(str::parse::<f64>) {
        None => 1.0,
        Some(Ok(sigmoid)) if sigmoid.is_finite() && sigmoid > 0.0 => sigmoid,
        Some(_) => return Err(Error::data(format!("the objective `{objective}` has no positive sigmoid"))),
    };
    let found = match name {
        "regression" if words.contains(&"sqrt") => return Err(unknown("the objective `regression sqrt`")),
        "" | "none" | "null" | "custom" | "na" if outputs > 1 => {
            return Err(unknown("a model of several outputs without an objective"));
        }
        "" | "none" | "null" | "custom" | "na" | "regression" | "regression_l2" | "regression_l1" | "huber"
        | "fair" | "quantile" | "mape" | "lambdarank" | "rank_xendcg" => (Link::Identity, 1.0),
        "poisson" | "gamma" | "tweedie" => (Link::Exp, 1.0),
        "cross_entropy" => (Link::Sigmoid, 1.0),
        "binary" => (Link::Logistic, sigmoid),
        "multiclass" => (Link::Softmax, 1.0),
        "multiclassova" => (Link::OneVsRest, sigmoid),
        other => return Err(unknown(format!("the objective `{}`", brief(other)))),
    };
    match (matches!(found.0, Link::Softmax | Link::OneVsRest), outputs) {
        (false, 1) | (true, 2..) => Ok(found),
        _ => Err(Error::data(format!("the objective `{}` does not give {outputs} answers", brief(objective)))),
    }
}

impl Tree {
    fn of(lines: &Lines<'_>) -> Result<Self> {
        if lines.values.get("is_linear").is_some_and(|(_, value)| value.trim() != "0") {
            return Err(unknown("a linear tree (`linear_tree=true`)"));
        }
        let leaves: usize = lines.number("num_leaves")?;
        if leaves == 0 {
            return Err(Error::data(format!("line {}: it has no leaf", lines.first)));
        }
        let nodes = leaves - 1;
        let mut tree = Self { line: lines.first, leaf: lines.exactly("leaf_value", leaves)?, ..Self::default() };
        if nodes > 0 {
            tree.feature = lines.exactly("split_feature", nodes)?;
            tree.threshold = lines.exactly("threshold", nodes)?;
            tree.decision = lines.exactly("decision_type", nodes)?;
            tree.left = lines.exactly("left_child", nodes)?;
            tree.right = lines.exactly("right_child", nodes)?;
        }
        // What only explanations need may be missing.
        if lines.values.get("leaf_count").is_some_and(|(_, value)| !value.trim().is_empty()) {
            tree.cover = lines.exactly("leaf_count", leaves)?;
        }
        let sets: usize = if lines.values.contains_key("num_cat") { lines.number("num_cat")? } else { 0 };
        if sets > 0 {
            tree.boundaries = lines.exactly("cat_boundaries", sets.saturating_add(1))?;
            tree.words = lines.list("cat_threshold")?;
        }
        Ok(tree)
    }

    /// What a number stands for: a node, or `!leaf`.
    fn told(&self, id: i64, scale: f64) -> Result<Told> {
        let Ok(at) = usize::try_from(id) else {
            let leaf = !id as usize;
            let value = *self.leaf.get(leaf).ok_or_else(|| Error::data(format!("leaf {leaf} is not there")))?;
            return Ok(Told::Leaf { values: vec![value * scale], cover: self.cover.get(leaf).copied().unwrap_or(0.0) });
        };
        let missing = || Error::data(format!("node {at} is not there"));
        let feature = *self.feature.get(at).ok_or_else(missing)?;
        let (threshold, decision, left, right) = (self.threshold[at], self.decision[at], self.left[at], self.right[at]);
        if decision & CATEGORICAL != 0 {
            // No code, and one that was never seen, goes right.
            return Ok(Told::Codes { feature, set: self.set(threshold)?.to_vec(), missing_left: false, left, right });
        }
        let missing_left = match missing_of(decision)? {
            Missing::None => 0.0 <= threshold,
            Missing::Zero | Missing::Nan => decision & DEFAULT_LEFT != 0,
        };
        Ok(Told::Number { feature, threshold, missing_left, left, right })
    }

    fn set(&self, at: f64) -> Result<&[u32]> {
        let missing = || Error::data(format!("the set of categories {at} is not there"));
        if at < 0.0 || at.fract() != 0.0 || at as usize + 1 >= self.boundaries.len() {
            return Err(missing());
        }
        let (start, end) = (self.boundaries[at as usize], self.boundaries[at as usize + 1]);
        self.words.get(start..end).ok_or_else(missing)
    }
}

fn missing_of(decision: u8) -> Result<Missing> {
    match decision >> 2 & 3 {
        0 => Ok(Missing::None),
        1 => Ok(Missing::Zero),
        2 => Ok(Missing::Nan),
        _ => Err(Error::data(format!("the decision type {decision} is not known"))),
    }
}

/// How each feature is read, from what its nodes ask.
fn shapes(trees: &[Tree], levels: &[Option<Vec<Json>>]) -> Result<Vec<Shape>> {
    let mut shapes: Vec<Shape> =
        levels.iter().map(|levels| if levels.is_some() { Shape::Level } else { Shape::Number }).collect();
    let mut missing: Vec<Vec<Missing>> = vec![Vec::new(); shapes.len()];
    let mut near_zero = vec![false; shapes.len()];
    for tree in trees {
        for (at, &feature) in tree.feature.iter().enumerate() {
            // One that is not there is told of when the tree is built.
            let Some(shape) = shapes.get_mut(feature) else { continue };
            let decision = tree.decision[at];
            if decision & CATEGORICAL != 0 {
                if *shape == Shape::Number {
                    *shape = Shape::Foreign(Reading::Code);
                }
                continue;
            }
            let wants = missing_of(decision)?;
            if !missing[feature].contains(&wants) {
                missing[feature].push(wants);
            }
            near_zero[feature] |= tree.threshold[at].abs() <= ZERO && tree.threshold[at] != 0.0;
        }
    }
    for (feature, wants) in missing.iter().enumerate() {
        let has = |kind| wants.contains(&kind);
        if has(Missing::Zero) && (has(Missing::Nan) || (has(Missing::None) && near_zero[feature])) {
            return Err(unknown(format!("feature {feature}, of which 0 is missing to some nodes and not to others,")));
        }
        if has(Missing::Zero) && shapes[feature] == Shape::Number {
            shapes[feature] = Shape::Foreign(Reading::Ranked { zero_is_missing: true });
        }
    }
    Ok(shapes)
}

/// The values of each feature's categories, where a table of pandas had them.
fn levels(parts: &Parts<'_>, features: usize) -> Result<Vec<Option<Vec<Json>>>> {
    let mut levels = vec![None; features];
    let Some((line, text)) = parts.pandas_categorical else { return Ok(levels) };
    let found: Option<Vec<Vec<Json>>> = serde_json::from_str(text)
        .map_err(|e| Error::data(format!("line {line}: the categories of pandas cannot be read: {e}")))?;
    let found = found.unwrap_or_default();
    let named = parts.categorical_feature.map(|text| text.split(',').filter_map(|n| n.trim().parse().ok()).collect());
    let of_infos = || {
        let infos = parts.header.values.get("feature_infos").map_or("", |(_, infos)| infos).split_ascii_whitespace();
        infos.enumerate().filter(|(_, info)| !info.starts_with('[') && *info != "none").map(|(i, _)| i).collect()
    };
    let categories: Vec<usize> = named.filter(|named: &Vec<usize>| named.len() == found.len()).unwrap_or_else(of_infos);
    // Where it is not plain which is which, a category is read by its code.
    if categories.len() == found.len() && categories.iter().all(|&at| at < features) {
        categories.into_iter().zip(found).for_each(|(at, found)| levels[at] = Some(found));
    }
    Ok(levels)
}
