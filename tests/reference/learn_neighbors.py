"""Answers of neighbours by scikit-learn, for crates/learn.

Run: python tests/reference/learn_neighbors.py crates/learn/tests/fixtures
writes neighbors.json: clusters by density, and of neighbours every other row of four real tables is learnt from, the rest is asked. Rows of which two neighbours
are as far away at the border are left out: which of the two counts is not said by the method.
"""

import json
import sys
from pathlib import Path

import numpy as np
import sklearn
from sklearn.cluster import DBSCAN
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, NearestNeighbors
from sklearn.neighbors import RadiusNeighborsClassifier, RadiusNeighborsRegressor

from real_tables import classes, halves, tables

folder = Path(sys.argv[1])
out = {"made_by": "tests/reference/learn_neighbors.py", "scikit-learn": sklearn.__version__}
METRICS = [{"metric": "euclidean"}, {"metric": "manhattan"}, {"metric": "chebyshev"}, {"metric": "minkowski", "p": 3},
           {"metric": "cosine"}]


def answers(model, x, y, asked, classify):
    model.fit(x, y)
    return model.predict_proba(asked) if classify else model.predict(asked)[:, None]


def knn(name, k, weights, metric):
    x, y, _, asked = halves(name)
    distances = NearestNeighbors(n_neighbors=k + 1, **metric).fit(x).kneighbors(asked)[0]
    told = [i for i, d in enumerate(distances) if d[k] - d[k - 1] > 1e-9]
    classify = name in classes
    model = (KNeighborsClassifier if classify else KNeighborsRegressor)(k, weights=weights, **metric)
    found = answers(model, x, y, asked[told], classify)
    return {"table": name, "k": k, "weights": weights, "metric": {"p": 2, **metric}, "asked": told,
            "classes": found.shape[1] if classify else 0, "answers": found.ravel().tolist()}


def within(name, weights, metric):
    x, y, _, asked = halves(name)
    distances = NearestNeighbors(n_neighbors=1, **metric).fit(x).kneighbors(asked)[0][:, 0]
    radius = round(1.5 * float(np.median(distances)), 3)
    told = [i for i, d in enumerate(distances) if d <= radius]
    classify = name in classes
    model = (RadiusNeighborsClassifier if classify else RadiusNeighborsRegressor)(radius, weights=weights, **metric)
    found = answers(model, x, y, asked[told], classify)
    return {"table": name, "radius": radius, "weights": weights, "metric": {"p": 2, **metric}, "asked": told,
            "classes": found.shape[1] if classify else 0, "answers": found.ravel().tolist()}


ways = [(name, weights, metric) for name in tables for weights in ("uniform", "distance") for metric in METRICS]
out["knn"] = [knn(name, 1 + 3 * (i % 4), weights, metric) for i, (name, weights, metric) in enumerate(ways)]
out["radius"] = [within(name, weights, metric) for name, weights, metric in ways]


def dbscan(name, weighted, metric):
    x, _, w = tables[name]
    distances = NearestNeighbors(n_neighbors=5, **metric).fit(x).kneighbors(x)[0][:, -1]
    eps = round(float(np.median(distances)), 3)
    model = DBSCAN(eps, min_samples=8 if weighted else 5, metric=metric["metric"], p=metric.get("p"))
    labels = model.fit(x, sample_weight=w if weighted else None).labels_
    return {"table": name, "weighted": weighted, "eps": eps, "metric": {"p": 2, **metric}, "labels": labels.tolist(),
            "cores": len(model.core_sample_indices_)}


out["dbscan"] = [dbscan(name, weighted, metric) for name in tables for weighted in (False, True) for metric in METRICS]
(folder / "neighbors.json").write_text(json.dumps(out) + "\n")
