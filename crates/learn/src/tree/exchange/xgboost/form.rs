//! What XGBoost's models are made of, in its own names; what is not needed here is left out.

use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;
use std::collections::BTreeMap;

#[derive(Deserialize)]
pub(super) struct Model {
    pub(super) learner: Learner,
}

#[derive(Deserialize)]
pub(super) struct Learner {
    #[serde(default)]
    pub(super) feature_names: Vec<String>,
    #[serde(default)]
    pub(super) feature_types: Vec<String>,
    pub(super) gradient_booster: Booster,
    pub(super) learner_model_param: Parameters,
    pub(super) objective: Objective,
}

/// Numbers, spelt as text.
#[derive(Deserialize)]
pub(super) struct Parameters {
    pub(super) base_score: String,
    pub(super) num_class: String,
    pub(super) num_feature: String,
    #[serde(default)]
    pub(super) num_target: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Objective {
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct Booster {
    pub(super) name: String,
    #[serde(default)]
    pub(super) model: Option<Trees>,
    /// Of dart: the trees, and the weight of each.
    #[serde(default)]
    pub(super) gbtree: Option<Box<Booster>>,
    #[serde(default)]
    pub(super) weight_drop: Vec<f32>,
}

#[derive(Deserialize)]
pub(super) struct Trees {
    /// The class of each tree.
    pub(super) tree_info: Vec<i64>,
    pub(super) trees: Vec<Tree>,
    /// The values of the categories, since version 3.1.
    #[serde(default)]
    pub(super) cats: Option<Categories>,
}

#[derive(Deserialize)]
pub(super) struct Categories {
    #[serde(default)]
    pub(super) enc: Vec<BTreeMap<String, Json>>,
}

/// A value a node in each.
#[derive(Deserialize)]
pub(super) struct Tree {
    pub(super) left_children: Vec<i64>,
    pub(super) right_children: Vec<i64>,
    pub(super) split_indices: Vec<i64>,
    /// The threshold of a node, the value of a leaf.
    pub(super) split_conditions: Vec<f32>,
    pub(super) default_left: Vec<Flag>,
    #[serde(default)]
    pub(super) sum_hessian: Vec<f32>,
    /// 1 where a node asks for a category.
    #[serde(default)]
    pub(super) split_type: Vec<u8>,
    /// The categories of all nodes that ask for some: where each begins, and how many they are.
    #[serde(default)]
    pub(super) categories: Vec<i64>,
    #[serde(default)]
    pub(super) categories_nodes: Vec<i64>,
    #[serde(default)]
    pub(super) categories_segments: Vec<i64>,
    #[serde(default)]
    pub(super) categories_sizes: Vec<i64>,
    pub(super) tree_param: TreeParameters,
}

#[derive(Deserialize)]
pub(super) struct TreeParameters {
    #[serde(default)]
    pub(super) size_leaf_vector: Option<String>,
}

/// Yes or no; the older versions write a boolean, the newer ones 0 and 1.
#[derive(Clone, Copy)]
pub(super) struct Flag(pub(super) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Json::deserialize(deserializer)? {
            Json::Bool(flag) => Ok(Self(flag)),
            Json::Number(number) => Ok(Self(number.as_f64() != Some(0.0))),
            _ => Err(serde::de::Error::custom("neither yes nor no")),
        }
    }
}
