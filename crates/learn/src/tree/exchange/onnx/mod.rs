//! ONNX: trees as one operator of `ai.onnx.ml`, `TreeEnsembleClassifier` or `TreeEnsembleRegressor`.
//!
//! | file | its job |
//! |---|---|
//! | [`wire`] | protobuf, as much of it as ONNX needs |
//! | [`write`] | trees to a model |
//! | [`read`] | a model back to trees: what replays an export, and reads what other converters wrote |
//!
//! The input `X` is one tensor of `f32`, `[N, features]`, with a category as its code and NaN for what is
//! missing. A classifier gives `label` and `probabilities` (`[N, classes]`), a regressor `variable` (`[N, 1]`), as
//! skl2onnx calls them without its ZipMap.

mod read;
mod wire;
mod write;

/// The domain of the operators on trees, and its version here.
const DOMAIN: &str = "ai.onnx.ml";
const DOMAIN_VERSION: i64 = 3;

/// The numbers of the fields of ONNX's messages that are used.
mod field {
    /// Of a model.
    pub(super) const IR_VERSION: u32 = 1;
    pub(super) const PRODUCER: u32 = 2;
    pub(super) const GRAPH: u32 = 7;
    pub(super) const OPSET: u32 = 8;
    pub(super) const METADATA: u32 = 14;
    /// Of a set of operators, and of an entry of metadata.
    pub(super) const KEY: u32 = 1;
    pub(super) const VALUE: u32 = 2;
    /// Of a graph.
    pub(super) const NODE: u32 = 1;
    pub(super) const GRAPH_NAME: u32 = 2;
    pub(super) const INPUT: u32 = 11;
    pub(super) const OUTPUT: u32 = 12;
    /// Of a node.
    pub(super) const NODE_INPUT: u32 = 1;
    pub(super) const NODE_OUTPUT: u32 = 2;
    pub(super) const NODE_NAME: u32 = 3;
    pub(super) const OPERATOR: u32 = 4;
    pub(super) const ATTRIBUTE: u32 = 5;
    pub(super) const NODE_DOMAIN: u32 = 7;
    /// Of an attribute.
    pub(super) const NAME: u32 = 1;
    pub(super) const INT: u32 = 3;
    pub(super) const TEXT: u32 = 4;
    pub(super) const FLOATS: u32 = 7;
    pub(super) const INTS: u32 = 8;
    pub(super) const TEXTS: u32 = 9;
    pub(super) const TYPE: u32 = 20;
}
