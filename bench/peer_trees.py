"""Peers' trees as flat arrays, for benchmarks in which both sides answer with the very same trees, and how such
benchmarks take turns.

`crates/learn/examples/tree_answers.rs` reads what `write` writes. Rows are float32, and a threshold is
rounded down to one, so that `x <= threshold` is the same on both sides.
"""

import json
import os
import statistics
import struct
import subprocess
import time

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


def table(rows, features):
    """Numbers, and a target that follows a rule with noise."""
    random = np.random.default_rng(7)
    x = random.standard_normal((rows, features)).astype(np.float32)
    rule = x[:, 0] + x[:, 1] * x[:, 2] + np.sin(2 * x[:, 3]) - np.abs(x[:, 4]) + 0.5 * x[:, 5] * x[:, 6]
    return x, rule + random.standard_normal(rows)


class Ours:
    """The example at work: `ask` gives what it answers to a line."""

    def __init__(self, example, model, rows, threads):
        self.process = subprocess.Popen([example, model, rows], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=os.environ | {"RAYON_NUM_THREADS": str(threads)})

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline()
        if not said:
            raise SystemExit(f"{line}: tree_answers gave no answer")
        return json.loads(said)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def timed(work):
    """A function that tells the seconds of some work."""
    def run():
        start = time.perf_counter()
        work()
        return time.perf_counter() - start
    return run


def in_turn(learners, runs):
    """The times of each learner, taking turns; the first turn warms up and is not kept."""
    times = {name: [] for name in learners}
    for run in range(runs + 1):
        for name, work in learners.items():
            took = work()
            if run:
                times[name].append(took)
    return times


def compared(task, times, bar, unit, scale):
    """Prints the medians, and ours over the fastest peer's; returns all for the JSON."""
    medians = {name: statistics.median(of) for name, of in times.items()}
    peers = {name: median for name, median in medians.items() if name != "ours"}
    fastest = min(peers, key=peers.get)
    ratio = medians["ours"] / peers[fastest]
    told = ", ".join(f"{name} {median * scale:.2f}" for name, median in medians.items())
    print(f"{task}: {told} {unit}; ours / {fastest} {ratio:.3f} (bar {bar})", flush=True)
    return {"seconds": times, "medians": medians, "fastest_peer": fastest, "ratio": ratio, "bar": bar}
