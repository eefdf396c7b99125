"""Permutation importance and partial dependence by scikit-learn, for crates/explain.

    python tests/reference/explain_questions.py > crates/explain/tests/fixtures/questions.json
"""

import json
import sys

import numpy as np
import sklearn
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.inspection import partial_dependence, permutation_importance


class Formula(RegressorMixin, BaseEstimator):
    """3 a + b^2 + a c, and nothing of d."""

    def fit(self, x, y):
        self.fitted_ = True
        return self

    def predict(self, x):
        return 3 * x[:, 0] + x[:, 1] ** 2 + x[:, 0] * x[:, 2]


rng = np.random.default_rng(11)
n = 120
x = np.round(
    np.column_stack([rng.integers(-7, 8, n) / 4, rng.normal(size=n), rng.normal(size=n), rng.normal(size=n)]), 3
)
model = Formula().fit(x, None)
y = np.round(model.predict(x) + rng.normal(size=n), 3)
out = {
    "script": "tests/reference/explain_questions.py",
    "peer": f"scikit-learn {sklearn.__version__}",
    "x": x.tolist(),
    "y": y.tolist(),
}
for name, scoring in [("rmse", "neg_root_mean_squared_error"), ("r2", "r2")]:
    told = permutation_importance(model, x, y, scoring=scoring, n_repeats=2000, random_state=1)
    out[name] = {"mean": told.importances_mean.tolist(), "std": told.importances_std.tolist()}
told = partial_dependence(model, x, [0], method="brute", kind="both", grid_resolution=20)
out["partial"] = {
    "grid": told["grid_values"][0].tolist(),
    "mean": told["average"][0].tolist(),
    "first": told["individual"][0][0].tolist(),
}
json.dump(out, sys.stdout)
print()
