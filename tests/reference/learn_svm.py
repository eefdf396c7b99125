"""Decisions of support vector machines by scikit-learn (libsvm), for crates/learn.

Run: python tests/reference/learn_svm.py crates/learn/tests/fixtures
writes svm.json: every other row of four real tables is learnt from, the rest is asked. Solved to a tolerance at which only the
rounding of kernels to single precision, which both do, is left.
"""

import json
import sys
from pathlib import Path

import sklearn
from sklearn.svm import SVC, SVR

from real_tables import classes, halves, tables

folder = Path(sys.argv[1])
out = {"made_by": "tests/reference/learn_svm.py", "scikit-learn": sklearn.__version__}
KERNELS = [{"kernel": "rbf"}, {"kernel": "rbf", "gamma": 0.3, "C": 10.0}, {"kernel": "linear", "C": 0.5},
           {"kernel": "poly", "degree": 2, "coef0": 1.0}, {"kernel": "sigmoid", "gamma": 0.02, "coef0": -0.5},
           {"kernel": "rbf", "gamma": "auto", "shrinking": False}]


def svc(name, weighted, settings):
    x, y, w, asked = halves(name)
    # scikit-learn finds gamma from rows that all weigh the same.
    if weighted and settings.get("gamma", "scale") == "scale":
        settings = settings | {"gamma": 0.1}
    model = SVC(tol=1e-9, decision_function_shape="ovo", **settings).fit(x, y, sample_weight=w if weighted else None)
    found = model.decision_function(asked)
    # Above 0 for the first of a pair there, for the second here.
    found = found if found.ndim == 1 else -found
    return {"table": name, "weighted": weighted, "settings": ours(settings), "classes": len(set(y)),
            "support": int(model.n_support_.sum()), "decisions": found.ravel().tolist(),
            "labels": model.predict(asked).tolist()}


def svr(name, weighted, settings):
    x, y, w, asked = halves(name)
    if weighted and settings.get("gamma", "scale") == "scale":
        settings = settings | {"gamma": 0.1}
    model = SVR(tol=1e-9, epsilon=0.2, **settings).fit(x, y, sample_weight=w if weighted else None)
    return {"table": name, "weighted": weighted, "settings": ours(settings) | {"epsilon": 0.2},
            "support": len(model.support_), "decisions": model.predict(asked).tolist()}


def ours(settings):
    return {("c" if key == "C" else key): value for key, value in settings.items()}


out["svc"] = [svc(name, weighted, s) for name in classes for weighted in (False, True) for s in KERNELS]
out["svr"] = [svr(name, weighted, s) for name in tables for weighted in (False, True) for s in KERNELS]
(folder / "svm.json").write_text(json.dumps(out) + "\n")
