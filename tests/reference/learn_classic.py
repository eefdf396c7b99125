"""Answers of classical learners by scikit-learn, for crates/learn.

Run: python tests/reference/learn_classic.py crates/learn/tests/fixtures
writes classic.json: four real tables that scikit-learn carries, and what its learners say of them.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA, TruncatedSVD

from real_tables import tables, written

folder = Path(sys.argv[1])
out = {"made_by": "tests/reference/learn_classic.py", "scikit-learn": sklearn.__version__, "numpy": np.__version__}
warnings.simplefilter("error")

out["tables"] = written


def k_means(name, k, weighted):
    x, _, w = tables[name]
    start = x[:: len(x) // k][:k]
    model = KMeans(k, init=start, n_init=1, tol=1e-4).fit(x, sample_weight=w if weighted else None)
    return {"table": name, "k": k, "weighted": weighted, "start": start.ravel().tolist(),
            "centres": model.cluster_centers_.ravel().tolist(), "labels": model.labels_.tolist(),
            "inertia": model.inertia_, "iterations": model.n_iter_,
            "distances": model.transform(x[:5]).ravel().tolist()}


out["k_means"] = [k_means(name, k, weighted) for name in tables for k in (3, 9) for weighted in (False, True)]


def pca(name, whiten, k):
    x = tables[name][0]
    model = PCA(k, whiten=whiten, svd_solver="full").fit(x)
    return {"table": name, "whiten": whiten, "k": k, "components": model.components_.ravel().tolist(),
            "variance": model.explained_variance_.tolist(), "ratio": model.explained_variance_ratio_.tolist(),
            "answers": model.transform(x[:5]).ravel().tolist()}


out["pca"] = [pca(name, whiten, k) for name in tables for whiten, k in ((False, None), (True, 3))]
out["pca_share"] = [{"table": name, "share": s, "k": int(PCA(s).fit(tables[name][0]).n_components_)}
                    for name in tables for s in (0.5, 0.9)]


def svd(name, k):
    x = tables[name][0] + 1.0
    model = TruncatedSVD(k, algorithm="arpack").fit(x)
    return {"table": name, "k": k, "components": model.components_.ravel().tolist(),
            "values": model.singular_values_.tolist(), "answers": model.transform(x[:5]).ravel().tolist()}


out["svd"] = [svd(name, 3) for name in tables]

(folder / "classic.json").write_text(json.dumps(out) + "\n")
