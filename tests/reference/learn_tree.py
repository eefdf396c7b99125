"""What LightGBM and scikit-learn make of three small tables, for crates/learn/tests/it/tree.rs.

    python tests/reference/learn_tree.py > crates/learn/tests/fixtures/tree.json

Every fourth row is held out. `one_tree` is what a single LightGBM tree answers on the rows it was grown on,
to be matched number by number; the scores are of whole models on the rows held out.
"""

import json
import sys

import lightgbm
import numpy as np
import sklearn
from sklearn import datasets, ensemble, metrics, tree


def short(x):
    """Five digits of every value, so that the file stays small; the peers read the same."""
    return np.vectorize(lambda v: float("%.5g" % v))(x)


def told(x):
    return np.round(x, 9).tolist()


def held_out(n):
    test = np.arange(n) % 4 == 3
    return ~test, test


LIGHT = dict(n_estimators=60, learning_rate=0.1, num_leaves=15, min_child_samples=10, min_data_in_bin=1, verbose=-1, n_jobs=1)


def classify(data):
    x, y = short(data.data), data.target
    train, test = held_out(len(y))

    def scores(model):
        model.fit(x[train], y[train])
        p = model.predict_proba(x[test])
        auc = metrics.roc_auc_score(y[test], p[:, 1] if p.shape[1] == 2 else p, multi_class="ovr")
        return {"log_loss": metrics.log_loss(y[test], np.clip(p, 1e-15, 1)), "roc_auc": auc}

    one = lightgbm.LGBMClassifier(**{**LIGHT, "n_estimators": 1})
    one.fit(x[train], y[train])
    forests = [scores(ensemble.RandomForestClassifier(random_state=s)) for s in range(10)]
    extra = [scores(ensemble.ExtraTreesClassifier(random_state=s)) for s in range(10)]
    small = tree.DecisionTreeClassifier(max_leaf_nodes=6, random_state=0).fit(x[train], y[train])
    return {
        "x": x.T.tolist(),
        "y": y.tolist(),
        "one_tree": told(one.predict_proba(x[train])),
        "lightgbm": scores(lightgbm.LGBMClassifier(**LIGHT)),
        "histogram": scores(ensemble.HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=15, min_samples_leaf=10, early_stopping=False)),
        "random_forest": {k: float(np.mean([f[k] for f in forests])) for k in forests[0]},
        "extra_trees": {k: float(np.mean([f[k] for f in extra])) for k in extra[0]},
        "small_tree": told(small.predict_proba(x[train])),
    }


def regress(data):
    x, y = short(data.data), data.target
    train, test = held_out(len(y))

    def score(model):
        model.fit(x[train], y[train])
        return {"rmse": float(np.sqrt(np.mean((model.predict(x[test]) - y[test]) ** 2)))}

    one = lightgbm.LGBMRegressor(**{**LIGHT, "n_estimators": 1}).fit(x[train], y[train])
    small = tree.DecisionTreeRegressor(max_leaf_nodes=8, random_state=0).fit(x[train], y[train])
    forests = [score(ensemble.RandomForestRegressor(random_state=s))["rmse"] for s in range(10)]
    extra = [score(ensemble.ExtraTreesRegressor(random_state=s))["rmse"] for s in range(10)]
    return {
        "x": x.T.tolist(),
        "y": y.tolist(),
        "one_tree": told(one.predict(x[train])),
        "lightgbm": score(lightgbm.LGBMRegressor(**LIGHT)),
        "histogram": score(ensemble.HistGradientBoostingRegressor(max_iter=60, max_leaf_nodes=15, min_samples_leaf=10, early_stopping=False)),
        "random_forest": {"rmse": float(np.mean(forests))},
        "extra_trees": {"rmse": float(np.mean(extra))},
        "small_tree": told(small.predict(x[train])),
    }


if __name__ == "__main__":
    json.dump(
        {
            "script": "tests/reference/learn_tree.py",
            "lightgbm": lightgbm.__version__,
            "scikit-learn": sklearn.__version__,
            "breast_cancer": classify(datasets.load_breast_cancer()),
            "wine": classify(datasets.load_wine()),
            "diabetes": regress(datasets.load_diabetes()),
        },
        sys.stdout,
    )
