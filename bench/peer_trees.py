"""Peers' trees as flat arrays, for benchmarks in which both sides answer with the very same trees.

`crates/learn/examples/tree_answers.rs` reads what `write` writes. Rows are float32, and a threshold is
rounded down to one, so that `x <= threshold` is the same on both sides.
"""

import json
import struct

import numpy as np

ARRAYS = ["base", "node_ends", "leaf_ends", "feature", "cut", "left", "right", "node_cover", "leaf_cover", "value"]
MISSING_LEFT = 1 << 30


def below(threshold):
    """The largest float32 that is at most the threshold."""
    near = np.float32(threshold)
    return near if float(near) <= threshold else np.nextafter(near, np.float32(-np.inf))


class Flat:
    """Trees being laid out: parents before children, `~leaf` for a leaf."""

    def __init__(self, features):
        self.features = features
        self.arrays = {name: [] for name in ARRAYS}

    def node(self, feature, threshold, missing_left, cover):
        at = len(self.arrays["feature"])
        cut = struct.unpack("<I", struct.pack("<f", below(threshold)))[0]
        values = (feature | (MISSING_LEFT if missing_left else 0), cut, 0, 0, cover)
        for name, value in zip(["feature", "cut", "left", "right", "node_cover"], values):
            self.arrays[name].append(value)
        return at

    def leaf(self, value, cover):
        self.arrays["value"].append(value)
        self.arrays["leaf_cover"].append(cover)
        return ~(len(self.arrays["value"]) - 1)

    def hang(self, at, left, right):
        self.arrays["left"][at], self.arrays["right"][at] = left, right

    def end(self):
        self.arrays["node_ends"].append(len(self.arrays["feature"]))
        self.arrays["leaf_ends"].append(len(self.arrays["value"]))


def of_lightgbm(booster):
    """Numbers only; the base is in the first tree, as LightGBM has it."""
    dump = booster.dump_model()
    flat = Flat(dump["max_feature_idx"] + 1)
    flat.arrays["base"] = [0.0]

    def add(node):
        if "leaf_value" in node:
            return flat.leaf(node["leaf_value"], node["leaf_count"])
        at = flat.node(node["split_feature"], node["threshold"], node["default_left"], node["internal_count"])
        left = add(node["left_child"])
        flat.hang(at, left, add(node["right_child"]))
        return at

    for tree in dump["tree_info"]:
        add(tree["tree_structure"])
        flat.end()
    return flat


def of_catboost(path):
    """Symmetric trees from CatBoost's JSON: the last split is the root's, and a row above the border goes right."""
    model = json.loads(path.read_text())
    flat = Flat(len(model["features_info"]["float_features"]))
    scale, bias = model["scale_and_bias"]
    flat.arrays["base"] = list(bias)

    def add(tree, level, leaf):
        if level < 0:
            return flat.leaf(scale * tree["leaf_values"][leaf], tree["leaf_weights"][leaf])
        split = tree["splits"][level]
        covers = tree["leaf_weights"][leaf << (level + 1):(leaf + 1) << (level + 1)]
        at = flat.node(split["float_feature_index"], split["border"], True, sum(covers))
        left = add(tree, level - 1, 2 * leaf)
        flat.hang(at, left, add(tree, level - 1, 2 * leaf + 1))
        return at

    for tree in model["oblivious_trees"]:
        add(tree, len(tree["splits"]) - 1, 0)
        flat.end()
    return flat


def write(flat, path):
    """The number of features, then each array: how many, then its values, little-endian."""
    kinds = {"base": "<f8", "node_cover": "<f8", "leaf_cover": "<f8", "value": "<f8"}
    with open(path, "wb") as out:
        put(out, np.array([flat.features], "<u4"))
        for name in ARRAYS:
            values = np.array(flat.arrays[name], np.int64 if name not in kinds else np.float64)
            put(out, values.astype(kinds.get(name, "<i4" if name in ("left", "right") else "<u4")))


def write_rows(x, path):
    """The number of rows, then each column: how many, then its values."""
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(x)))
        for column in x.T:
            put(out, np.ascontiguousarray(column, "<f4"))


def put(out, values):
    out.write(struct.pack("<Q", len(values)))
    out.write(values.tobytes())
