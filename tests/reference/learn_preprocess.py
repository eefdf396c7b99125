"""Scaled, imputed and target-encoded columns by scikit-learn, dates by pandas, for crates/learn.

Run: python tests/reference/learn_preprocess.py crates/learn/tests/fixtures
writes preprocess.json and target_encode.json.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import sklearn
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler, TargetEncoder

folder = Path(sys.argv[1])
rng = np.random.default_rng(11)
made = {
    "made_by": "tests/reference/learn_preprocess.py",
    "scikit-learn": sklearn.__version__,
    "pandas": pd.__version__,
    "numpy": np.__version__,
}


def spell(values):
    return [None if v != v else float(v) for v in values]


def preprocess():
    n = 60
    columns = {
        "plain": rng.normal(3.0, 2.0, n),
        "offset": 1e9 + rng.normal(size=n),
        "skewed": np.exp(rng.normal(size=n) * 2),
        "whole": rng.integers(0, 5, n).astype(float),
        "constant": np.full(n, 0.1),
    }
    x = np.column_stack(list(columns.values()))
    gaps = rng.random(x.shape) < 0.15
    gaps[:, -1] = False
    x[gaps] = np.nan
    scalers = {"standard": StandardScaler(), "minmax": MinMaxScaler(), "robust": RobustScaler(), "maxabs": MaxAbsScaler()}
    scaled = {name: [spell(c) for c in s.fit_transform(x).T] for name, s in scalers.items()}
    weight = rng.integers(0, 4, n).astype(float)
    weighted = StandardScaler().fit(x[:, [4]], sample_weight=weight)
    whole = StandardScaler().fit(columns["skewed"].reshape(-1, 1), sample_weight=weight)
    imputers = {s: SimpleImputer(strategy=s) for s in ("mean", "median", "most_frequent")}
    imputers["constant"] = SimpleImputer(strategy="constant", fill_value=-1.0)
    imputed = {name: [spell(c) for c in s.fit_transform(x).T] for name, s in imputers.items()}
    times = pd.Series(pd.to_datetime(
        ["1969-12-31 23:59:59.999", "1970-01-01", "2000-02-29 12:30:00", "2024-12-31 23:00:00", "1899-03-01 00:00:01",
         "2100-02-28 06:07:08.5"], format="mixed"))
    parts = {
        "year": times.dt.year, "month": times.dt.month, "day": times.dt.day, "weekday": times.dt.day_of_week,
        "day_of_year": times.dt.day_of_year, "hour": times.dt.hour, "minute": times.dt.minute,
        "days": (times - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1),
    }
    out = made | {
        "columns": list(columns), "x": [spell(c) for c in x.T], "scaled": scaled, "imputed": imputed,
        "weighted": {"x": spell(columns["skewed"]), "weight": spell(weight), "mean": float(whole.mean_[0]),
                     "scale": float(whole.scale_[0]), "constant_scale": float(weighted.scale_[0])},
        "dates": {"microseconds": [int(t.value // 1000) for t in times], "parts": {k: spell(v) for k, v in parts.items()}},
    }
    (folder / "preprocess.json").write_text(json.dumps(out) + "\n")


def target_encode():
    cases = []
    n = 120
    for name, kind, smooth in [("number", "r", "auto"), ("number with m", "r", 3.0), ("two classes", "c", "auto"),
                               ("two classes with m", "c", 10.0), ("constant target", "0", "auto")]:
        codes = rng.choice(8, n, p=np.array([30, 25, 20, 15, 5, 3, 1, 1]) / 100)
        codes[:8] = np.arange(8)
        y = rng.normal(codes, 1.0) if kind == "r" else (rng.random(n) < 0.1 + codes / 10).astype(float)
        if kind == "0":
            y = np.full(n, 2.5)
        split = (StratifiedKFold if kind == "c" else KFold)(5, shuffle=True, random_state=0)
        folds = np.empty(n, int)
        out = np.empty(n)
        x = codes.reshape(-1, 1)
        target_type = "binary" if kind == "c" else "continuous"
        for i, (train, test) in enumerate(split.split(x, y)):
            folds[test] = i
            encoder = TargetEncoder(smooth=smooth, target_type=target_type).fit(x[train], y[train])
            out[test] = encoder.transform(x[test])[:, 0]
        whole = TargetEncoder(smooth=smooth, target_type=target_type, cv=split)
        # The same folds within scikit-learn: cross-fitting is what was done by hand above.
        assert np.allclose(whole.fit_transform(x, y)[:, 0], out, rtol=1e-12)
        cases.append({
            "name": name, "codes": codes.tolist(), "y": y.tolist(), "folds": folds.tolist(),
            "smooth": None if smooth == "auto" else smooth, "cross_fitted": out.tolist(),
            "all": whole.encodings_[0].tolist(), "unseen": float(whole.transform([[99]])[0, 0]),
        })
    (folder / "target_encode.json").write_text(json.dumps(made | {"cases": cases}) + "\n")


preprocess()
target_encode()
