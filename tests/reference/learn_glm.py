"""Coefficients of generalised linear models by scikit-learn, for crates/learn.

Run: python tests/reference/learn_glm.py crates/learn/tests/fixtures
writes glm.json: four real tables, their target plus 1 where it must be above 0.
"""

import json
import sys
from pathlib import Path

import sklearn
from sklearn.linear_model import TweedieRegressor

from real_tables import tables

folder = Path(sys.argv[1])
out = {"made_by": "tests/reference/learn_glm.py", "scikit-learn": sklearn.__version__}


def glm(name, power, alpha, intercept, weighted):
    x, y, w = tables[name]
    y = y + 1.0 if power == 2 else y
    model = TweedieRegressor(power=power, alpha=alpha, fit_intercept=intercept, solver="newton-cholesky", tol=1e-11)
    model.fit(x, y, sample_weight=w if weighted else None)
    return {"table": name, "power": power, "alpha": alpha, "intercept": intercept, "weighted": weighted,
            "coef": model.coef_.tolist(), "at": float(model.intercept_), "answers": model.predict(x[:5]).tolist()}


out["cases"] = [glm(name, power, alpha, intercept, weighted) for name in tables for weighted in (False, True)
                for power, alpha, intercept in ((0, 1.0, True), (1, 1.0, True), (1, 0.01, False), (1.5, 0.1, True),
                                                (2, 0.3, True))]
(folder / "glm.json").write_text(json.dumps(out) + "\n")
