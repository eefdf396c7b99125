"""TreeSHAP beside LightGBM's `pred_contrib`, XGBoost's `pred_contribs` and shap's `TreeExplainer`.

    cargo build --release -p arkwright-learn --example tree_answers
    $(bench/setup.sh) bench/tree_shap.py [--runs 5] [--rows 10000]

200 trees of 63 leaves, 28 columns of numbers, two threads (shap has one). Ours explains LightGBM's own trees and must
agree with it; XGBoost grows as many of the same shape. The learners take turns; the ratio is of the medians.
"""

import argparse
import pathlib
import tempfile

import lightgbm
import machine
import numpy as np
import peer_trees
import shap
import xgboost

EXAMPLE = machine.ROOT / "target" / "release" / "examples" / "tree_answers"
FEATURES, TRAIN = 28, 10_000


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--example", type=pathlib.Path, default=EXAMPLE, help="the built example")
    options.add_argument("--rows", type=int, default=10_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--out", default="tree_shap", help="name of the result")
    given = options.parse_args()
    result = machine.describe(["lightgbm", "xgboost", "shap", "numpy"])
    result |= {"rows": given.rows, "features": FEATURES, "threads": given.threads}
    x, y = peer_trees.table(max(given.rows, TRAIN), FEATURES)
    model = lightgbm.train({"objective": "regression", "num_leaves": 63, "learning_rate": 0.1, "verbose": -1,
                            "num_threads": 2}, lightgbm.Dataset(x[:TRAIN], y[:TRAIN]), 200)
    grown = xgboost.train({"tree_method": "hist", "grow_policy": "lossguide", "max_leaves": 63, "max_depth": 0,
                           "eta": 0.1, "max_bin": 255, "nthread": given.threads},
                          xgboost.DMatrix(x[:TRAIN], y[:TRAIN]), 200)
    x = x[:given.rows]
    data = xgboost.DMatrix(x, nthread=given.threads)
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        peer_trees.write_rows(x, work / "rows")
        peer_trees.write(peer_trees.of_lightgbm(model), work / "model")
        ours = peer_trees.Ours(given.example, work / "model", work / "rows", given.threads)
        expected = model.predict(x[:100], pred_contrib=True)[:, :-1]
        np.testing.assert_allclose(ours.ask("values 100"), expected.ravel(), rtol=1e-6, atol=1e-9)
        learners = {
            "ours": lambda: ours.ask("shap"),
            "lightgbm": peer_trees.timed(lambda: model.predict(x, pred_contrib=True, num_threads=given.threads)),
            "xgboost": peer_trees.timed(lambda: grown.predict(data, pred_contribs=True)),
        }
        # shap asks LightGBM for its values, and reads XGBoost's trees itself.
        own = shap.TreeExplainer(grown)
        learners["shap"] = peer_trees.timed(lambda: own.shap_values(x, check_additivity=False))
        times = peer_trees.in_turn(learners, given.runs)
        ours.close()
    machine.write(given.out, result | peer_trees.compared("shap", times, 0.5, "s", 1))


main()
