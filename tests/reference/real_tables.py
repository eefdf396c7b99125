"""Four real tables that scikit-learn carries, scaled and rounded, as the fixtures of classical learners have them.

The rows themselves are in crates/learn/tests/fixtures/classic.json, which learn_classic.py writes; other scripts take
them from here, so that all speak of the same rows.
"""

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine


def _table(data, rows=None, columns=None):
    x, y = data.data[:, :columns][:rows], data.target[:rows]
    return (x - x.mean(0)) / x.std(0), y.astype(float)


_scaled = {
    "iris": _table(load_iris()),
    "wine": _table(load_wine()),
    "breast_cancer": _table(load_breast_cancer(), 200, 10),
    "diabetes": _table(load_diabetes(scaled=False), 150),
}
#: As JSON has them: columns of numbers, the target, weights 1, 2, 3, 1, 2 ...
written = {name: {"x": x.round(6).T.tolist(), "y": y.tolist(), "weight": (1.0 + np.arange(len(y)) % 3).tolist()}
           for name, (x, y) in _scaled.items()}
#: Rows, target and weight as arrays.
tables = {name: (np.array(t["x"]).T.copy(), np.array(t["y"]), np.array(t["weight"])) for name, t in written.items()}
#: Those whose target is a class.
classes = ["iris", "wine", "breast_cancer"]


def halves(name):
    """The rows learnt from and the rows asked: every other one."""
    x, y, w = tables[name]
    return x[::2].copy(), y[::2].copy(), w[::2].copy(), x[1::2].copy()
