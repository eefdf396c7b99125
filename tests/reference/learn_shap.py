"""What LightGBM and shap make of a few boosted trees, for crates/learn/tests/it/shap.rs.

    python tests/reference/learn_shap.py > crates/learn/tests/fixtures/shap.json

The trees are LightGBM's, as flat arrays (bench/peer_trees.py), so that only what is told of them is compared.
"""

import json
import pathlib
import sys

import lightgbm
import numpy as np
import shap

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
import peer_trees  # noqa: E402

random = np.random.default_rng(3)
x = np.round(random.standard_normal((400, 5)), 2).astype(np.float32)
x[random.random(x.shape) < 0.05] = np.nan
filled = np.nan_to_num(x)
y = filled[:, 0] + filled[:, 1] * filled[:, 2] + np.sin(filled[:, 3]) + 0.1 * random.standard_normal(400)
model = lightgbm.train({"num_leaves": 12, "min_data_in_leaf": 5, "verbose": -1, "num_threads": 1, "seed": 1},
                       lightgbm.Dataset(x, y), 6)
# With missing values shap's own reading of LightGBM's trees is not used; without them all agree.
rows, background = x[:12], filled[20:50]
tree = shap.TreeExplainer(model)
against = shap.TreeExplainer(model, background.astype(float), feature_perturbation="interventional")


def order(node):
    """LightGBM's numbers of a tree's leaves from left to right, as peer_trees lays them out."""
    if "leaf_value" in node:
        return [node["leaf_index"]]
    return order(node["left_child"]) + order(node["right_child"])


def listed(values):
    return np.asarray(values, float).ravel().tolist()


flat = peer_trees.of_lightgbm(model)
orders = [order(tree["tree_structure"]) for tree in model.dump_model()["tree_info"]]
leaves = model.predict(rows.astype(float), pred_leaf=True).astype(int)
json.dump({
    "script": "tests/reference/learn_shap.py",
    "lightgbm": lightgbm.__version__,
    "shap": shap.__version__,
    "features": flat.features,
    "trees": {name: [int(v) if name in ("feature", "cut", "left", "right", "node_ends", "leaf_ends") else float(v)
                     for v in values] for name, values in flat.arrays.items()},
    "rows": [[None if np.isnan(v) else float(v) for v in column] for column in rows.T],
    "filled": filled[:12].T.astype(float).tolist(),
    "background": background.T.astype(float).tolist(),
    "raw": listed(model.predict(rows.astype(float))),
    "raw_from_2_to_5": listed(model.predict(rows.astype(float), start_iteration=2, num_iteration=3)),
    "leaf": [orders[t].index(leaf) for row in leaves for t, leaf in enumerate(row)],
    "contrib": listed(model.predict(rows.astype(float), pred_contrib=True)),
    "interactions": listed(tree.shap_interaction_values(filled[:12].astype(float))),
    "interventional": listed(against.shap_values(filled[:12].astype(float), check_additivity=False)),
    "interventional_base": float(np.ravel(against.expected_value)[0]),
}, sys.stdout)
