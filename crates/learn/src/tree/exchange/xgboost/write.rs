//! Writes XGBoost's JSON.
//!
//! Values are `f32` there, thresholds and leaves too: on values that are `f32` the same leaves are reached, and
//! answers differ by the rounding of leaves and sums. The categories that a node lists go right there and
//! those that were never seen left; where these are to go right, the children change places. They do so too
//! where no number goes right, since `x < t` leaves no number out only where no number is to be in.

use crate::tree::exchange::lightgbm::write::forest;
use crate::tree::exchange::plain::{Plain, Question};
use crate::tree::exchange::{Input, one_vs_all};
use crate::tree::node::{Ensemble, Link};
use arkwright_core::{Error, Json, Result};
use serde_json::json;

/// The parent of a root.
const NOBODY: i64 = 2_147_483_647;

impl Ensemble {
    /// A JSON model that XGBoost (version 1.6 and later) reads. A category is its code; its feature has the
    /// type `c`.
    ///
    /// # Errors
    /// When it cannot be said there: a forest of classes, one class against the rest, or 0 that counts as missing.
    pub fn to_xgboost(&self, inputs: &[Input]) -> Result<String> {
        self.must_be_of_numbers("files for XGBoost")?;
        let k = self.outputs;
        let loss = json!({ "scale_pos_weight": "1" });
        // A base score that is 0 as a raw answer: the base is in the leaves.
        let (objective, base) = match self.link {
            Link::Identity | Link::Mean => (json!({ "name": "reg:squarederror", "reg_loss_param": loss }), "0E0"),
            Link::Sigmoid => (json!({ "name": "reg:logistic", "reg_loss_param": loss }), "5E-1"),
            Link::Logistic => (json!({ "name": "binary:logistic", "reg_loss_param": loss }), "5E-1"),
            Link::Exp => {
                let steps = json!({ "max_delta_step": "0.7" });
                (json!({ "name": "count:poisson", "poisson_regression_param": steps }), "1E0")
            }
            Link::Softmax => {
                let classes = json!({ "num_class": k.to_string() });
                (json!({ "name": "multi:softprob", "softmax_multiclass_param": classes }), "0E0")
            }
            Link::OneVsRest => {
                return Err(Error::data("classes against the rest cannot be said in a model for XGBoost")
                    .with_hint("write ONNX or LightGBM: --to model.onnx, --to model.txt"));
            }
            Link::OneVsAll => return Err(one_vs_all("XGBoost")),
            Link::Probability => return Err(forest("XGBoost")),
        };
        if self.width != 1 {
            return Err(forest("XGBoost"));
        }
        let plain = self.plain(inputs, self.mean_scale())?;
        let features = inputs.len();
        let trees = plain.iter().enumerate().map(|(i, tree)| write(i, tree, features)).collect::<Result<Vec<_>>>()?;
        let names: Vec<String> = inputs
            .iter()
            .enumerate()
            .map(|(at, input)| input.name.clone().unwrap_or_else(|| format!("f{at}")))
            .collect();
        if let Some(name) = names.iter().find(|name| name.contains(['[', ']', '<'])) {
            return Err(Error::column(name, "XGBoost takes no name with a bracket or `<` in it")
                .with_hint("rename the column, or write ONNX: --to model.onnx"));
        }
        let is_category = categories(&plain, inputs);
        let types: Vec<&str> = is_category.iter().map(|category| if *category { "c" } else { "float" }).collect();
        let model = json!({
            "learner": {
                "attributes": {},
                "feature_names": names,
                "feature_types": types,
                "gradient_booster": {
                    "model": {
                        "gbtree_model_param": { "num_parallel_tree": "1", "num_trees": trees.len().to_string() },
                        "iteration_indptr": (0..=trees.len() / k).map(|round| round * k).collect::<Vec<_>>(),
                        "tree_info": (0..trees.len()).map(|tree| tree % k).collect::<Vec<_>>(),
                        "trees": trees,
                    },
                    "name": "gbtree",
                },
                "learner_model_param": {
                    "base_score": base,
                    "boost_from_average": "0",
                    "num_class": if k == 1 { "0".to_string() } else { k.to_string() },
                    "num_feature": features.to_string(),
                    "num_target": "1",
                },
                "objective": objective,
            },
            "version": [2, 1, 0],
        });
        serde_json::to_string(&model).map_err(|e| Error::data(e.to_string()))
    }
}

/// Which features are categories.
fn categories(trees: &[Plain], inputs: &[Input]) -> Vec<bool> {
    let mut all: Vec<bool> = inputs.iter().map(|input| input.levels.is_some()).collect();
    for node in trees.iter().flat_map(|tree| &tree.nodes) {
        all[node.feature] |= matches!(node.question, Question::Codes { .. });
    }
    all
}

/// Nodes (their places) and leaves (their places after all nodes), level by level: the order of XGBoost's numbers. A
/// right child comes right after its left one, which its walks rely on.
fn by_level(tree: &Plain) -> Vec<usize> {
    let place = |child: i32| if child >= 0 { child as usize } else { tree.nodes.len() + !child as usize };
    let mut order = vec![0];
    let mut next = 0;
    while let Some(&at) = order.get(next) {
        if let Some(node) = tree.nodes.get(at) {
            let (left, right) = if swapped(&node.question) { (node.right, node.left) } else { (node.left, node.right) };
            order.extend([place(left), place(right)]);
        }
        next += 1;
    }
    order
}

/// Whether the children change places: what was never seen goes left there, and no threshold is above all numbers.
fn swapped(question: &Question) -> bool {
    match question {
        Question::Codes { unseen_left, .. } => !unseen_left,
        Question::Number { single, .. } => *single >= f32::MAX,
    }
}

/// A tree.
fn write(at: usize, tree: &Plain, features: usize) -> Result<Json> {
    let order = by_level(tree);
    let nodes = order.len();
    let mut parents = vec![NOBODY; nodes];
    let (mut lefts, mut rights) = (vec![-1; nodes], vec![-1; nodes]);
    let (mut conditions, mut indices) = (vec![0.0f32; nodes], vec![0; nodes]);
    let (mut default_left, mut split_type, mut hessian) = (vec![0; nodes], vec![0; nodes], vec![0.0f32; nodes]);
    let mut listed: Vec<u32> = Vec::new();
    let (mut listed_nodes, mut starts, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    // The next number that a child gets.
    let mut next = 1;
    for (id, &place) in order.iter().enumerate() {
        let Some(node) = tree.nodes.get(place) else {
            let leaf = place - tree.nodes.len();
            (conditions[id], hessian[id]) = (tree.values[leaf] as f32, tree.leaf_cover[leaf] as f32);
            continue;
        };
        (lefts[id], rights[id]) = (next as i64, next as i64 + 1);
        parents[next..next + 2].fill(id as i64);
        next += 2;
        indices[id] = node.feature;
        hessian[id] = node.cover as f32;
        let mut is_default_left = node.missing_left;
        match &node.question {
            Question::Number { zero_is_missing: true, .. } => {
                return Err(Error::data("a 0 that counts as missing cannot be said in a model for XGBoost")
                    .with_hint("write LightGBM: --to model.txt"));
            }
            Question::Number { .. } if swapped(&node.question) => {
                // Nothing but the missing goes right: no number is below the least.
                conditions[id] = f32::MIN;
                is_default_left = !node.missing_left;
            }
            Question::Number { single, .. } => conditions[id] = single.next_up().max(f32::MIN),
            Question::Codes { left, right, unseen_left } => {
                split_type[id] = 1;
                let list = if *unseen_left { right } else { left };
                is_default_left = node.missing_left == *unseen_left;
                listed_nodes.push(id);
                starts.push(listed.len());
                listed.extend(list);
                if list.is_empty() {
                    // XGBoost fails on an empty list: the first code that is none.
                    listed.push((left.len() + right.len()) as u32);
                }
                counts.push(list.len().max(1));
            }
        }
        default_left[id] = u8::from(is_default_left);
    }
    Ok(json!({
        "base_weights": conditions,
        "categories": listed,
        "categories_nodes": listed_nodes,
        "categories_segments": starts,
        "categories_sizes": counts,
        "default_left": default_left,
        "id": at,
        "left_children": lefts,
        "loss_changes": vec![0.0f32; nodes],
        "parents": parents,
        "right_children": rights,
        "split_conditions": conditions,
        "split_indices": indices,
        "split_type": split_type,
        "sum_hessian": hessian,
        "tree_param": {
            "num_deleted": "0",
            "num_feature": features.to_string(),
            "num_nodes": nodes.to_string(),
            "size_leaf_vector": "1",
        },
    }))
}
