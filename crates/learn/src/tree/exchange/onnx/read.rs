//! Reads ONNX: a graph with one operator on trees, and after it no more than a link or a change of form.
//!
//! A value is `f32` there, so a number is read as the nearest. `x < t` is `x <= u` with u the next `f32` below;
//! `x > t` changes the children. Questions `x == c` one after the other, with one child for all that are equal,
//! are a set.

use super::field;
use super::wire::{self, Field};
use crate::tree::exchange::build::{Builder, Told};
use crate::tree::exchange::{Imported, Input, check_size, unknown};
use crate::tree::foreign::{CODES, Reading};
use crate::tree::node::{Ensemble, Link, Shape};
use arkwright_core::{Error, Result};
use std::collections::{BTreeMap, HashMap};

/// Features and classes that are read, at most.
const MANY: usize = 1 << 20;

/// A node of the graph.
#[derive(Default)]
struct Operator<'a> {
    kind: &'a str,
    attributes: HashMap<&'a str, Attribute<'a>>,
}

#[derive(Default)]
struct Attribute<'a> {
    int: i64,
    text: &'a str,
    floats: Vec<f32>,
    ints: Vec<i64>,
    texts: Vec<&'a str>,
}

/// The trees' nodes.
struct Nodes<'a> {
    feature: &'a [i64],
    mode: &'a [&'a str],
    value: &'a [f32],
    yes: &'a [i64],
    no: &'a [i64],
    missing_yes: &'a [i64],
    /// Where the node of a tree's number is.
    places: HashMap<(i64, i64), usize>,
    /// What a leaf adds, and to which output.
    leaves: HashMap<(i64, i64), Vec<(usize, f64)>>,
}

impl Ensemble {
    /// Reads an ONNX model that holds one `TreeEnsembleClassifier` or `TreeEnsembleRegressor`.
    ///
    /// # Errors
    /// When the file is damaged, or holds other operators.
    pub fn from_onnx(bytes: &[u8]) -> Result<Imported> {
        check_size(bytes)?;
        read(bytes).map_err(|e| e.within("an ONNX model"))
    }
}

fn text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| Error::data("a text is not UTF-8"))
}

impl<'a> Operator<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self> {
        let mut operator = Self::default();
        for (number, value) in wire::fields(bytes)? {
            match (number, value) {
                (field::OPERATOR, Field::Bytes(bytes)) => operator.kind = text(bytes)?,
                (field::ATTRIBUTE, Field::Bytes(bytes)) => {
                    let (name, attribute) = Attribute::of(bytes)?;
                    operator.attributes.insert(name, attribute);
                }
                _ => {}
            }
        }
        Ok(operator)
    }

    fn ints(&self, name: &str) -> &[i64] {
        self.attributes.get(name).map_or(&[], |a| &a.ints)
    }

    fn floats(&self, name: &str) -> &[f32] {
        self.attributes.get(name).map_or(&[], |a| &a.floats)
    }

    fn texts(&self, name: &str) -> &[&'a str] {
        self.attributes.get(name).map_or(&[], |a| &a.texts)
    }

    fn text(&self, name: &str, default: &'a str) -> &'a str {
        self.attributes.get(name).map_or(default, |a| a.text)
    }
}

impl<'a> Attribute<'a> {
    fn of(bytes: &'a [u8]) -> Result<(&'a str, Self)> {
        let (mut name, mut attribute) = ("", Self::default());
        for (number, value) in wire::fields(bytes)? {
            match (number, value) {
                (field::NAME, Field::Bytes(bytes)) => name = text(bytes)?,
                (field::INT, Field::Int(n)) => attribute.int = n,
                (field::TEXT, Field::Bytes(bytes)) => attribute.text = text(bytes)?,
                (field::FLOATS, value) => wire::floats(value, &mut attribute.floats)?,
                (field::INTS, value) => wire::ints(value, &mut attribute.ints)?,
                (field::TEXTS, Field::Bytes(bytes)) => attribute.texts.push(text(bytes)?),
                _ => {}
            }
        }
        Ok((name, attribute))
    }
}

fn read(bytes: &[u8]) -> Result<Imported> {
    let mut operators = Vec::new();
    let mut names = Vec::new();
    for (number, value) in wire::fields(bytes)? {
        match (number, value) {
            (field::GRAPH, Field::Bytes(graph)) => {
                for (number, value) in wire::fields(graph)? {
                    if let (field::NODE, Field::Bytes(node)) = (number, value) {
                        operators.push(Operator::of(node)?);
                    }
                }
            }
            (field::METADATA, Field::Bytes(entry)) => names.extend(feature_names(entry)?),
            _ => {}
        }
    }
    let is_trees = |o: &&Operator<'_>| matches!(o.kind, "TreeEnsembleClassifier" | "TreeEnsembleRegressor");
    let mut found = operators.iter().filter(is_trees);
    let (Some(trees), None) = (found.next(), found.next()) else {
        return Err(unknown("a graph without one `TreeEnsembleClassifier` or `TreeEnsembleRegressor`"));
    };
    let mut last = None;
    for other in operators.iter().filter(|o| !is_trees(o)) {
        match other.kind {
            "Exp" if last.is_none() => last = Some(Link::Exp),
            "Sigmoid" if last.is_none() => last = Some(Link::Sigmoid),
            "Identity" | "Cast" | "ZipMap" => {}
            kind => return Err(unknown(format!("the operator `{kind}`"))),
        }
    }
    let is_classifier = trees.kind == "TreeEnsembleClassifier";
    let kind = if is_classifier { "class" } else { "target" };
    let outputs = match is_classifier {
        true => trees.texts("classlabels_strings").len().max(trees.ints("classlabels_int64s").len()),
        false => trees.attributes.get("n_targets").map_or(1, |a| usize::try_from(a.int).unwrap_or(0)),
    };
    if outputs == 0 || outputs > MANY {
        return Err(Error::data(format!("a model of {outputs} answers")));
    }
    let nodes = Nodes::of(trees, kind)?;
    // Of two classes there may be one score, filed under the first and meant for the second.
    let one_score = nodes.leaves.values().flatten().all(|(output, _)| *output == 0);
    let link = match (is_classifier, trees.text("post_transform", "NONE"), outputs) {
        (false, "NONE", 1) => last.unwrap_or(Link::Identity),
        (true, "LOGISTIC", 2) if one_score => Link::Logistic,
        (true, "LOGISTIC", 3..) => Link::OneVsRest,
        (true, "SOFTMAX", 2..) => Link::Softmax,
        (true, "NONE", 2..) => Link::Probability,
        (_, transform, _) => return Err(unknown(format!("{outputs} answers under the transform `{transform}`"))),
    };
    if !matches!(trees.text("aggregate_function", "SUM"), "SUM") || !trees.floats("base_values").is_empty() {
        return Err(unknown("trees with base values, or that are not summed up"));
    }
    let features = nodes.feature.iter().max().map_or(0, |&f| usize::try_from(f).unwrap_or(MANY) + 1).max(names.len());
    if features > MANY {
        return Err(Error::data(format!("{features} features are too many")));
    }
    let is_one = matches!(link, Link::Logistic | Link::Probability) && outputs == 2 && one_score;
    let width = if is_one { 1 } else { outputs };
    let roots = nodes.roots(trees.ints("nodes_treeids"), trees.ints("nodes_nodeids"));
    // A mean divides by the number of trees, which the file's leaves have done.
    let scale = if link == Link::Probability { roots.len() as f64 } else { 1.0 };
    let shapes = nodes.shapes(features);
    let mut builder = Builder::new(shapes.clone(), link, width, vec![0.0; width])?;
    for (&tree, &root) in &roots {
        builder
            .tree(root, |id| nodes.told(tree, id, width, scale, &shapes))
            .map_err(|e| e.within(format!("tree {tree}")))?;
    }
    let inputs = (0..features).map(|at| Input { name: names.get(at).cloned(), levels: None }).collect();
    Ok(Imported { trees: builder.finish()?, inputs, objective: trees.kind.to_string() })
}

/// The category that a number is, if it is one.
fn code(value: f32) -> Option<u32> {
    (value.fract() == 0.0 && (0.0..CODES as f32).contains(&value)).then_some(value as u32)
}

/// The names of the features, from an entry of the metadata.
fn feature_names(entry: &[u8]) -> Result<Vec<String>> {
    let (mut is_names, mut names) = (false, Vec::new());
    for (number, value) in wire::fields(entry)? {
        match (number, value) {
            (field::KEY, Field::Bytes(key)) => is_names = key == b"feature_names",
            (field::VALUE, Field::Bytes(value)) if is_names => {
                names = serde_json::from_slice(value).unwrap_or_default()
            }
            _ => {}
        }
    }
    Ok(names)
}

impl<'a> Nodes<'a> {
    fn of(trees: &'a Operator<'_>, kind: &str) -> Result<Self> {
        let (tree_ids, ids) = (trees.ints("nodes_treeids"), trees.ints("nodes_nodeids"));
        let nodes = Self {
            feature: trees.ints("nodes_featureids"),
            mode: trees.texts("nodes_modes"),
            value: trees.floats("nodes_values"),
            yes: trees.ints("nodes_truenodeids"),
            no: trees.ints("nodes_falsenodeids"),
            missing_yes: trees.ints("nodes_missing_value_tracks_true"),
            places: tree_ids.iter().copied().zip(ids.iter().copied()).zip(0..).collect(),
            leaves: HashMap::new(),
        };
        let lengths = [tree_ids.len(), nodes.feature.len(), nodes.mode.len(), nodes.value.len(), nodes.yes.len()];
        let missing = nodes.missing_yes.len();
        if lengths.iter().any(|&n| n != ids.len())
            || nodes.no.len() != ids.len()
            || (missing != ids.len() && missing > 0)
        {
            return Err(Error::data("the attributes of its nodes are not of one length"));
        }
        if nodes.places.len() != ids.len() {
            return Err(Error::data("two nodes of a tree have the same number"));
        }
        let of = |what: &str| trees.ints(&format!("{kind}_{what}"));
        let (leaf_trees, leaf_ids, outputs) = (of("treeids"), of("nodeids"), of("ids"));
        let weights = trees.floats(&format!("{kind}_weights"));
        if [leaf_ids.len(), outputs.len(), weights.len()].iter().any(|&n| n != leaf_trees.len()) {
            return Err(Error::data("the attributes of its leaves are not of one length"));
        }
        let mut leaves: HashMap<(i64, i64), Vec<(usize, f64)>> = HashMap::new();
        for (((&tree, &id), &output), &weight) in leaf_trees.iter().zip(leaf_ids).zip(outputs).zip(weights) {
            let output = usize::try_from(output).map_err(|_| Error::data(format!("a leaf of the answer {output}")))?;
            if !nodes.places.contains_key(&(tree, id)) {
                return Err(Error::data(format!("a leaf is of node {id} of tree {tree}, which is not there")));
            }
            leaves.entry((tree, id)).or_default().push((output, weight.into()));
        }
        Ok(Self { leaves, ..nodes })
    }

    /// The first node of each tree.
    fn roots(&self, trees: &[i64], ids: &[i64]) -> BTreeMap<i64, i64> {
        let mut roots = BTreeMap::new();
        trees.iter().zip(ids).for_each(|(&tree, &id)| {
            roots.entry(tree).or_insert(id);
        });
        roots
    }

    /// How each feature is read: as codes where it is asked whether it is equal.
    fn shapes(&self, features: usize) -> Vec<Shape> {
        let mut shapes = vec![Shape::Foreign(Reading::Nearest); features];
        for (at, mode) in self.mode.iter().enumerate() {
            let feature = usize::try_from(self.feature[at]).ok();
            if let ("BRANCH_EQ", Some(shape)) = (*mode, feature.and_then(|f| shapes.get_mut(f))) {
                // One past the largest that is asked for.
                let beyond = code(self.value[at]).map_or(0, |code| code + 1);
                let before = if let Shape::Foreign(Reading::Exactly(before)) = shape { *before } else { 0 };
                *shape = Shape::Foreign(Reading::Exactly(before.max(beyond)));
            }
        }
        shapes
    }

    fn told(&self, tree: i64, id: i64, width: usize, scale: f64, shapes: &[Shape]) -> Result<Told> {
        let place = |id: i64| {
            self.places.get(&(tree, id)).copied().ok_or_else(|| Error::data(format!("node {id} is not there")))
        };
        let at = place(id)?;
        if self.mode[at] == "LEAF" {
            let mut values = vec![0.0; width];
            for &(output, weight) in self.leaves.get(&(tree, id)).map_or(&[][..], Vec::as_slice) {
                let missing = || Error::data(format!("a leaf of the answer {output}, of {width}"));
                *values.get_mut(output).ok_or_else(missing)? += weight * scale;
            }
            return Ok(Told::Leaf { values, cover: 1.0 });
        }
        let feature =
            usize::try_from(self.feature[at]).map_err(|_| Error::data(format!("node {id} asks for nothing")))?;
        // Of codes: every one that is asked for, and one beyond, which is in no set.
        let words = match shapes.get(feature) {
            Some(Shape::Foreign(Reading::Exactly(beyond))) => *beyond as usize / 32 + 1,
            _ => 0,
        };
        let missing_yes = |at: usize| self.missing_yes.get(at).is_some_and(|&m| m != 0);
        let (value, yes, no) = (self.value[at], self.yes[at], self.no[at]);
        if value.is_nan() {
            return Err(Error::data(format!("the threshold of node {id} is not a number")));
        }
        let number = |threshold: f32, missing_left, left, right| Told::Number {
            feature,
            threshold: threshold.into(),
            missing_left,
            left,
            right,
        };
        match self.mode[at] {
            "BRANCH_LEQ" => Ok(number(value, missing_yes(at), yes, no)),
            "BRANCH_LT" => Ok(number(value.next_down(), missing_yes(at), yes, no)),
            "BRANCH_GT" => Ok(number(value, !missing_yes(at), no, yes)),
            "BRANCH_GTE" => Ok(number(value.next_down(), !missing_yes(at), no, yes)),
            "BRANCH_EQ" => {
                let (mut set, mut last, mut missing_left) = (vec![0u32; words], at, false);
                // A chain that goes round ends when it is as long as there are nodes.
                for _ in 0..self.mode.len() {
                    if let Some(code) = code(self.value[last]) {
                        set[code as usize / 32] |= 1 << (code % 32);
                    }
                    missing_left |= missing_yes(last);
                    let next = place(self.no[last])?;
                    let goes_on = self.mode[next] == "BRANCH_EQ" && self.feature[next] == self.feature[at];
                    if !goes_on || self.yes[next] != yes {
                        break;
                    }
                    last = next;
                }
                Ok(Told::Codes { feature, set, missing_left, left: yes, right: self.no[last] })
            }
            mode => Err(unknown(format!("a node of the mode `{mode}`"))),
        }
    }
}
