//! Writes ONNX.
//!
//! Input and thresholds are `f32`, and `x <= t` is `BRANCH_LEQ`. There is no question for a set of categories that
//! every runtime knows; `x == c` for one category after the other, with one child for all that are equal, is how
//! the converters have it, and the runtimes take it for a set again.

use super::wire::Message;
use super::{DOMAIN, DOMAIN_VERSION, field};
use crate::tree::exchange::plain::{Plain, Question};
use crate::tree::exchange::{Input, one_vs_all};
use crate::tree::node::{Ensemble, Link};
use arkwright_core::{Error, Result};

/// The versions of the form and of the plain operators: of 2021, which every runtime in use reads.
const IR_VERSION: i64 = 8;
const OPERATORS_VERSION: i64 = 15;
/// Types of elements.
const FLOAT: i64 = 1;
const INT64: i64 = 7;
const STRING: i64 = 8;
/// Types of attributes.
const A_INT: i64 = 2;
const A_TEXT: i64 = 3;
const A_FLOATS: i64 = 6;
const A_INTS: i64 = 7;
const A_TEXTS: i64 = 8;

/// A node: what it asks, and where yes, no and missing lead.
struct Entry {
    id: i64,
    feature: usize,
    mode: &'static str,
    value: f32,
    yes: i64,
    no: i64,
    missing_yes: bool,
}

/// The nodes of all trees, column by column, and the leaves' values.
#[derive(Default)]
struct Columns {
    trees: Vec<i64>,
    ids: Vec<i64>,
    features: Vec<i64>,
    modes: Vec<&'static str>,
    values: Vec<f32>,
    yes: Vec<i64>,
    no: Vec<i64>,
    missing_yes: Vec<i64>,
    leaf_trees: Vec<i64>,
    leaf_ids: Vec<i64>,
    leaf_outputs: Vec<i64>,
    leaf_values: Vec<f32>,
}

impl Ensemble {
    /// An ONNX model of these trees; `classes` are the labels of a classifier, numbers where all are whole.
    ///
    /// # Errors
    /// When it cannot be said there: 0 that counts as missing; or the classes are not those of the trees.
    pub fn to_onnx(&self, inputs: &[Input], classes: Option<&[String]>) -> Result<Vec<u8>> {
        self.must_be_of_numbers("files for ONNX")?;
        if self.link == Link::OneVsAll {
            return Err(one_vs_all("ONNX"));
        }
        let is_classifier = matches!(self.link, Link::Logistic | Link::Softmax | Link::OneVsRest | Link::Probability);
        let classes = match (is_classifier, classes) {
            (false, _) => None,
            (true, Some(classes)) if classes.len() == self.outputs.max(2) => Some(classes),
            (true, _) => return Err(Error::data(format!("{} classes are to be named", self.outputs.max(2)))),
        };
        let mut plain = self.plain(inputs, self.mean_scale())?;
        if self.link == Link::Logistic && plain.iter().flat_map(|tree| &tree.values).all(|&value| value >= 0.0) {
            // One score that is never negative is taken for a share, and its label drawn at a half.
            let least = -f64::from(f32::MIN_POSITIVE);
            plain.push(Plain { nodes: Vec::new(), values: vec![least], leaf_cover: vec![1.0] });
        }
        let mut columns = Columns::default();
        for (at, tree) in plain.iter().enumerate() {
            // Of two classes there is one score: the runtimes take one of the first alone for the second's.
            let values = |leaf: usize| -> Vec<(i64, f64)> {
                match self.width {
                    1 => vec![((at % self.outputs) as i64, tree.values[leaf])],
                    width => (0..).zip(tree.values[leaf * width..(leaf + 1) * width].iter().copied()).collect(),
                }
            };
            columns.tree(at as i64, tree, inputs, values)?;
        }
        let nodes = match classes {
            Some(classes) => vec![columns.classifier(self.link, classes)],
            None => regressor(&columns, self.link),
        };
        let outputs = match classes {
            Some(classes) => {
                let label = if whole(classes).is_some() { INT64 } else { STRING };
                vec![value("label", label, None), value("probabilities", FLOAT, Some(classes.len()))]
            }
            None => vec![value("variable", FLOAT, Some(1))],
        };
        let mut graph = Message::default();
        for node in &nodes {
            graph = graph.message(field::NODE, node);
        }
        graph = graph.text(field::GRAPH_NAME, "trees").message(field::INPUT, &value("X", FLOAT, Some(inputs.len())));
        for output in &outputs {
            graph = graph.message(field::OUTPUT, output);
        }
        let set = |domain: &str, version| Message::default().text(field::KEY, domain).int(field::VALUE, version);
        let names: Vec<String> =
            (0..).zip(inputs).map(|(at, i)| i.name.clone().unwrap_or_else(|| format!("f{at}"))).collect();
        let names = serde_json::to_string(&names).map_err(|e| Error::data(e.to_string()))?;
        let metadata = Message::default().text(field::KEY, "feature_names").text(field::VALUE, &names);
        let model = Message::default()
            .int(field::IR_VERSION, IR_VERSION)
            .text(field::PRODUCER, "arkwright")
            .message(field::GRAPH, &graph)
            .message(field::OPSET, &set("", OPERATORS_VERSION))
            .message(field::OPSET, &set(DOMAIN, DOMAIN_VERSION))
            .message(field::METADATA, &metadata);
        Ok(model.0)
    }
}

impl Columns {
    fn tree(
        &mut self,
        at: i64,
        tree: &Plain,
        inputs: &[Input],
        values: impl Fn(usize) -> Vec<(i64, f64)>,
    ) -> Result<()> {
        // Nodes, then leaves, then the further questions of sets.
        let nodes = tree.nodes.len();
        let leaves = tree.leaf_cover.len();
        let mut next = (nodes + leaves) as i64;
        let id = |child: i32| if child >= 0 { i64::from(child) } else { (nodes + !child as usize) as i64 };
        for (i, node) in tree.nodes.iter().enumerate() {
            let (left, right) = (id(node.left), id(node.right));
            match &node.question {
                Question::Number { zero_is_missing: true, .. } => {
                    return Err(Error::data("a 0 that counts as missing cannot be said in ONNX")
                        .with_hint("write LightGBM: --to model.txt"));
                }
                Question::Number { single, .. } => {
                    let (value, missing_yes) = (*single, node.missing_left);
                    let (id, feature, mode) = (i as i64, node.feature, "BRANCH_LEQ");
                    self.node(at, Entry { id, feature, mode, value, yes: left, no: right, missing_yes });
                }
                Question::Codes { left: go_left, right: go_right, unseen_left } => {
                    // What is in neither list goes with the one that is not asked for: where all codes are known,
                    // the longer.
                    let is_known = inputs[node.feature].levels.is_some();
                    let asks_left = if is_known { go_left.len() <= go_right.len() } else { !unseen_left };
                    let (list, yes, no, missing_yes) = match asks_left {
                        true => (go_left, left, right, node.missing_left),
                        false => (go_right, right, left, !node.missing_left),
                    };
                    // An empty list is asked for what no code is.
                    let list =
                        if list.is_empty() { vec![-1.0] } else { list.iter().map(|&code| code as f32).collect() };
                    let mut id = i as i64;
                    for (place, &value) in list.iter().enumerate() {
                        let is_last = place + 1 == list.len();
                        let (feature, mode, no) = (node.feature, "BRANCH_EQ", if is_last { no } else { next });
                        self.node(at, Entry { id, feature, mode, value, yes, no, missing_yes });
                        id = next;
                        next += i64::from(!is_last);
                    }
                }
            }
        }
        for leaf in 0..leaves {
            let id = (nodes + leaf) as i64;
            // A leaf has no value. But onnxruntime (1.32) takes two sets that follow each other for one where the leaves
            // that they lead to look alike, so that each leaf has a number of its own.
            let value = leaf as f32;
            self.node(at, Entry { id, feature: 0, mode: "LEAF", value, yes: 0, no: 0, missing_yes: false });
            for (output, value) in values(leaf) {
                self.leaf_trees.push(at);
                self.leaf_ids.push(id);
                self.leaf_outputs.push(output);
                self.leaf_values.push(value as f32);
            }
        }
        Ok(())
    }

    fn node(&mut self, tree: i64, node: Entry) {
        self.trees.push(tree);
        self.ids.push(node.id);
        self.features.push(node.feature as i64);
        self.modes.push(node.mode);
        self.values.push(node.value);
        self.yes.push(node.yes);
        self.no.push(node.no);
        self.missing_yes.push(node.missing_yes.into());
    }

    /// The attributes that both operators have.
    fn attributes(&self) -> Vec<Message> {
        vec![
            ints("nodes_treeids", &self.trees),
            ints("nodes_nodeids", &self.ids),
            ints("nodes_featureids", &self.features),
            texts("nodes_modes", &self.modes),
            floats("nodes_values", &self.values),
            ints("nodes_truenodeids", &self.yes),
            ints("nodes_falsenodeids", &self.no),
            ints("nodes_missing_value_tracks_true", &self.missing_yes),
        ]
    }

    fn classifier(&self, link: Link, classes: &[String]) -> Message {
        let mut attributes = self.attributes();
        attributes.push(ints("class_treeids", &self.leaf_trees));
        attributes.push(ints("class_nodeids", &self.leaf_ids));
        attributes.push(ints("class_ids", &self.leaf_outputs));
        attributes.push(floats("class_weights", &self.leaf_values));
        attributes.push(match whole(classes) {
            Some(classes) => ints("classlabels_int64s", &classes),
            None => texts("classlabels_strings", &classes.iter().map(String::as_str).collect::<Vec<_>>()),
        });
        let transform = match link {
            Link::Softmax => "SOFTMAX",
            Link::Probability => "NONE",
            _ => "LOGISTIC",
        };
        attributes.push(text("post_transform", transform));
        node("TreeEnsembleClassifier", DOMAIN, "X", &["label", "probabilities"], &attributes)
    }
}

/// The operator, and the link where that is another one.
fn regressor(columns: &Columns, link: Link) -> Vec<Message> {
    let mut attributes = columns.attributes();
    attributes.push(ints("target_treeids", &columns.leaf_trees));
    attributes.push(ints("target_nodeids", &columns.leaf_ids));
    attributes.push(ints("target_ids", &columns.leaf_outputs));
    attributes.push(floats("target_weights", &columns.leaf_values));
    let count = Message::default().text(field::NAME, "n_targets").int(field::INT, 1).int(field::TYPE, A_INT);
    attributes.push(count);
    attributes.push(text("post_transform", "NONE"));
    let trees = |output: &str| node("TreeEnsembleRegressor", DOMAIN, "X", &[output], &attributes);
    match link {
        Link::Exp => vec![trees("raw"), node("Exp", "", "raw", &["variable"], &[])],
        Link::Sigmoid => vec![trees("raw"), node("Sigmoid", "", "raw", &["variable"], &[])],
        _ => vec![trees("variable")],
    }
}

/// The classes as whole numbers, where all are spelt as such.
fn whole(classes: &[String]) -> Option<Vec<i64>> {
    classes.iter().map(|class| class.parse::<i64>().ok().filter(|n| n.to_string() == *class)).collect()
}

fn node(operator: &str, domain: &str, input: &str, outputs: &[&str], attributes: &[Message]) -> Message {
    let mut node = Message::default().text(field::NODE_INPUT, input);
    for output in outputs {
        node = node.text(field::NODE_OUTPUT, output);
    }
    node = node.text(field::NODE_NAME, operator).text(field::OPERATOR, operator).text(field::NODE_DOMAIN, domain);
    attributes.iter().fold(node, |node, attribute| node.message(field::ATTRIBUTE, attribute))
}

fn ints(name: &str, ints: &[i64]) -> Message {
    Message::default().text(field::NAME, name).ints(field::INTS, ints).int(field::TYPE, A_INTS)
}

fn floats(name: &str, floats: &[f32]) -> Message {
    Message::default().text(field::NAME, name).floats(field::FLOATS, floats).int(field::TYPE, A_FLOATS)
}

fn texts(name: &str, texts: &[&str]) -> Message {
    let named = Message::default().text(field::NAME, name);
    texts.iter().fold(named, |message, text| message.text(field::TEXTS, text)).int(field::TYPE, A_TEXTS)
}

fn text(name: &str, text: &str) -> Message {
    Message::default().text(field::NAME, name).text(field::TEXT, text).int(field::TYPE, A_TEXT)
}

/// A named tensor of N rows, with so many columns where it has some.
fn value(name: &str, element: i64, columns: Option<usize>) -> Message {
    let rows = Message::default().text(2, "N");
    let mut shape = Message::default().message(1, &rows);
    if let Some(columns) = columns {
        shape = shape.message(1, &Message::default().int(1, columns as i64));
    }
    let tensor = Message::default().int(1, element).message(2, &shape);
    Message::default().text(1, name).message(2, &Message::default().message(1, &tensor))
}
