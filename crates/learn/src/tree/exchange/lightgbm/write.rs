//! Writes LightGBM's text.
//!
//! Its decisions are on `f64`, so every threshold of ours has one that decides alike. Its leaves are `f64`,
//! summed in the order of the trees: answers are the same to the bit. A category that is missing or was never
//! seen goes right there; where it is to go left, the children change places.

use crate::tree::exchange::plain::{Asked, Plain, Question};
use crate::tree::exchange::{Input, one_vs_all};
use crate::tree::node::{Ensemble, Link};
use arkwright_core::{Error, Json, Result};
use std::fmt::Write;

/// The bits of a `decision_type`.
const CATEGORICAL: u8 = 1;
const DEFAULT_LEFT: u8 = 2;
const ZERO_IS_MISSING: u8 = 1 << 2;
const NAN_IS_MISSING: u8 = 2 << 2;

impl Ensemble {
    /// A text model that LightGBM (version 3 and later) reads and predicts with as these trees do. A category
    /// is its code, or a pandas category with the levels of its input; blanks in names become underscores.
    ///
    /// # Errors
    /// When it cannot be said there: a forest of classes, or a name that LightGBM refuses.
    pub fn to_lightgbm(&self, inputs: &[Input]) -> Result<String> {
        self.must_be_of_numbers("files for LightGBM")?;
        let k = self.outputs;
        let objective = match self.link {
            Link::Identity | Link::Mean => "regression".to_string(),
            Link::Exp => "poisson".into(),
            Link::Sigmoid => "cross_entropy".into(),
            Link::Logistic => "binary sigmoid:1".into(),
            Link::Softmax => format!("multiclass num_class:{k}"),
            Link::OneVsRest => format!("multiclassova num_class:{k} sigmoid:1"),
            Link::OneVsAll => return Err(one_vs_all("LightGBM")),
            Link::Probability => return Err(forest("LightGBM")),
        };
        if self.width != 1 {
            return Err(forest("LightGBM"));
        }
        let names = names(inputs)?;
        let trees: Vec<String> = self.plain(inputs, 1.0)?.iter().enumerate().map(|(i, tree)| block(i, tree)).collect();
        let infos = inputs.iter().map(|input| match &input.levels {
            None => "[-inf:inf]".to_string(),
            Some(levels) => join((0..levels.len()).map(|code| code.to_string()), ":"),
        });
        let mut text = format!(
            "tree\nversion=v4\nnum_class={k}\nnum_tree_per_iteration={k}\nlabel_index=0\nmax_feature_idx={}\n",
            inputs.len().max(1) - 1
        );
        let _ = writeln!(text, "objective={objective}");
        if self.link == Link::Mean {
            text += "average_output\n";
        }
        let _ = writeln!(text, "feature_names={}", names.join(" "));
        let _ = writeln!(text, "feature_infos={}", join(infos, " "));
        let _ = writeln!(text, "tree_sizes={}\n", join(trees.iter().map(|tree| tree.len().to_string()), " "));
        text += &trees.concat();
        text += "end of trees\n\nfeature_importances:\n\nparameters:\n";
        let categories = inputs.iter().enumerate().filter(|(_, input)| input.levels.is_some());
        let _ = writeln!(text, "[categorical_feature: {}]", join(categories.map(|(at, _)| at.to_string()), ","));
        let levels: Vec<&Vec<Json>> = inputs.iter().filter_map(|input| input.levels.as_ref()).collect();
        let levels = serde_json::to_string(&levels).map_err(|e| Error::data(e.to_string()))?;
        let _ = writeln!(text, "end of parameters\n\npandas_categorical:{levels}");
        Ok(text)
    }
}

/// The refusal of a forest of classes.
pub(in crate::tree::exchange) fn forest(program: &str) -> Error {
    Error::data(format!("a forest's shares of classes cannot be said in a model for {program}"))
        .with_hint("write ONNX: --to model.onnx")
}

/// The names as LightGBM takes them.
fn names(inputs: &[Input]) -> Result<Vec<String>> {
    let name = |(at, input): (usize, &Input)| {
        let name = input.name.clone().unwrap_or_else(|| format!("Column_{at}"));
        match name.find([',', '"', ':', '[', ']', '{', '}', '\n', '\r']) {
            Some(_) => Err(Error::column(&name, "LightGBM takes no name with a comma, quote, colon or bracket in it")
                .with_hint("rename the column, or write ONNX: --to model.onnx")),
            None => Ok(name.split_whitespace().collect::<Vec<_>>().join("_")),
        }
    };
    inputs.iter().enumerate().map(name).collect()
}

fn join(parts: impl IntoIterator<Item = String>, between: &str) -> String {
    parts.into_iter().collect::<Vec<_>>().join(between)
}

/// The lines of a tree.
fn block(at: usize, tree: &Plain) -> String {
    let mut text = format!("Tree={at}\n");
    let mut line = |key: &str, values: Vec<String>| {
        let _ = writeln!(text, "{key}={}", values.join(" "));
    };
    let sets: Vec<&Asked> = tree.nodes.iter().filter(|n| matches!(n.question, Question::Codes { .. })).collect();
    line("num_leaves", vec![tree.values.len().to_string()]);
    line("num_cat", vec![sets.len().to_string()]);
    let (mut thresholds, mut decisions) = (Vec::new(), Vec::new());
    let (mut boundaries, mut words) = (vec![0], Vec::new());
    for node in &tree.nodes {
        match &node.question {
            Question::Number { threshold, zero_is_missing, .. } => {
                thresholds.push(number(threshold.clamp(f64::MIN, f64::MAX)));
                let missing = if *zero_is_missing { ZERO_IS_MISSING } else { NAN_IS_MISSING };
                decisions.push(missing | if node.missing_left { DEFAULT_LEFT } else { 0 });
            }
            Question::Codes { left, right, .. } => {
                let listed = if node.missing_left { right } else { left };
                words.extend(bits(listed));
                thresholds.push((boundaries.len() - 1).to_string());
                boundaries.push(words.len());
                decisions.push(CATEGORICAL);
            }
        }
    }
    // The listed ones go left.
    let swapped = |node: &Asked| matches!(node.question, Question::Codes { .. }) && node.missing_left;
    let child = |left: bool| tree.nodes.iter().map(move |n| if left != swapped(n) { n.left } else { n.right });
    let covers = |covers: &mut dyn Iterator<Item = f64>| covers.map(|cover| cover.round().to_string()).collect();
    line("split_feature", tree.nodes.iter().map(|n| n.feature.to_string()).collect());
    line("split_gain", tree.nodes.iter().map(|_| "0".into()).collect());
    line("threshold", thresholds);
    line("decision_type", decisions.iter().map(u8::to_string).collect());
    line("left_child", child(true).map(|c| c.to_string()).collect());
    line("right_child", child(false).map(|c| c.to_string()).collect());
    line("leaf_value", tree.values.iter().map(|&v| number(v)).collect());
    line("leaf_weight", tree.leaf_cover.iter().map(|&c| number(c)).collect());
    line("leaf_count", covers(&mut tree.leaf_cover.iter().copied()));
    line("internal_value", tree.nodes.iter().map(|_| "0".into()).collect());
    line("internal_weight", tree.nodes.iter().map(|n| number(n.cover)).collect());
    line("internal_count", covers(&mut tree.nodes.iter().map(|n| n.cover)));
    if !sets.is_empty() {
        line("cat_boundaries", boundaries.iter().map(usize::to_string).collect());
        line("cat_threshold", words.iter().map(u32::to_string).collect());
    }
    text + "is_linear=0\nshrinkage=1\n\n\n"
}

/// A bit for each code; at least one word.
fn bits(codes: &[u32]) -> Vec<u32> {
    let mut words = vec![0; codes.iter().max().map_or(1, |&code| code as usize / 32 + 1)];
    codes.iter().for_each(|code| words[*code as usize / 32] |= 1 << (code % 32));
    words
}

/// The shortest text that reads back to the bit.
fn number(x: f64) -> String {
    match x.abs() {
        0.0 => "0".into(),
        size if (1e-5..1e16).contains(&size) => x.to_string(),
        _ => format!("{x:e}"),
    }
}
