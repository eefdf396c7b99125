"""Folds and out-of-fold predictions by scikit-learn, for crates/validate.

    python tests/reference/validate_folds.py > crates/validate/tests/fixtures/folds.json
"""

import json
import sys

import numpy as np
import sklearn
from sklearn.linear_model import LinearRegression
from sklearn.metrics import log_loss, root_mean_squared_error
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    TimeSeriesSplit,
    cross_val_predict,
    cross_val_score,
)
from sklearn.naive_bayes import GaussianNB

rng = np.random.default_rng(7)
out = {"script": "tests/reference/validate_folds.py", "peer": f"scikit-learn {sklearn.__version__}"}


def counts(folds, y):
    return [[int(np.sum(y[test] == c)) for c in range(y.max() + 1)] for _, test in folds]


def rows(folds):
    return [{"train": train.tolist(), "test": test.tolist()} for train, test in folds]


# Classes numbered by appearance, so that scikit-learn's order of classes is ours.
y = np.array([0, 1, 2] + rng.choice(3, 100, p=[0.6, 0.3, 0.1]).tolist())
x = np.zeros((len(y), 1))
out["stratified"] = {"y": y.tolist(), "folds": counts(StratifiedKFold(5).split(x, y), y)}

groups = np.concatenate([np.full(size, g) for g, size in enumerate([1, 9, 3, 4, 20, 2, 6, 7, 5, 11, 8])])
yg = rng.choice(2, len(groups), p=[0.7, 0.3])
yg[:2] = [0, 1]
xg = np.zeros((len(groups), 1))
sizes = sorted(len(test) for _, test in GroupKFold(4).split(xg, yg, groups))
out["group"] = {"groups": groups.tolist(), "y": yg.tolist(), "sizes": sizes}
out["group"]["stratified"] = rows(StratifiedGroupKFold(3).split(xg, yg, groups))

out["time"] = rows(TimeSeriesSplit(5, gap=2).split(np.zeros((47, 1))))
out["random"] = [len(test) for _, test in KFold(4).split(np.zeros((30, 1)))]

# A line through one input, in blocks.
u = np.round(rng.normal(size=40), 3)
v = np.round(2 * u + rng.normal(size=40), 3)
folds = KFold(4)
said = cross_val_predict(LinearRegression(), u[:, None], v, cv=folds)
out["regress"] = {
    "x": u.tolist(),
    "y": v.tolist(),
    "said": said.tolist(),
    "rmse": -cross_val_score(LinearRegression(), u[:, None], v, cv=folds, scoring="neg_root_mean_squared_error").mean(),
    "r2": cross_val_score(LinearRegression(), u[:, None], v, cv=folds, scoring="r2").mean(),
    "fold_rmse": [root_mean_squared_error(v[test], said[test]) for _, test in folds.split(u)],
}

# The rows are sorted by class, so each block lacks one in training: its probability is 0.
k = np.repeat(["a", "b", "c"], 12)
z = np.round(rng.normal(size=36) + np.repeat([0, 1, 2], 12), 3)
proba = cross_val_predict(GaussianNB(var_smoothing=0), z[:, None], k, cv=KFold(3), method="predict_proba")
folds6 = cross_val_predict(GaussianNB(var_smoothing=0), z[:, None], k, cv=KFold(6), method="predict_proba")
out["classify"] = {
    "x": z.tolist(),
    "y": k.tolist(),
    "three": proba.tolist(),
    "six": folds6.tolist(),
    # A block holds one class: it knows no area, and its loss needs all classes named.
    "log_loss": np.mean([log_loss(k[t], folds6[t], labels=["a", "b", "c"]) for _, t in KFold(6).split(z)]),
    "roc_auc": None,
}

# Two classes whose share differs from block to block: thrown together, folds would be ranked by their level.
q = np.array(["a", "b"] + rng.choice(["a", "b"], 98, p=[0.7, 0.3]).tolist())
s = np.round(rng.normal(size=100) + (q == "b"), 3)


def scores(scoring):
    return cross_val_score(GaussianNB(var_smoothing=0), s[:, None], q == "b", cv=KFold(5), scoring=scoring).tolist()


out["ranked"] = {
    "x": s.tolist(),
    "y": q.tolist(),
    "roc_auc": scores("roc_auc"),
    "average_precision": scores("average_precision"),
    "log_loss": [-loss for loss in scores("neg_log_loss")],
    "accuracy": scores("accuracy"),
}

json.dump(out, sys.stdout)
print()
