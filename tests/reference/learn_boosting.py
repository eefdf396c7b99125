"""What LightGBM and CatBoost make of a real table in every way of boosting, for crates/learn/tests/it/tree/ways.rs.

    python tests/reference/learn_boosting.py > crates/learn/tests/fixtures/boosting.json

`bikes` is every seventh hour of systems/bikes/bikes.parquet; every fourth row is held out. `scores` are errors there, one a
seed: seed `s` holds out the rows whose number is `s` modulo 4. `linear_two` is what a plain tree and a linear one after it answer on the rows they were grown on,
`dart_all` what trees do that leave out all before them, and `refit` what LightGBM's `refit` makes of a model on other targets: all to be matched number by number. `levels` is
a made table of categories with many levels, what CatBoost scores on it, and the statistics of the rows before each
row, by pandas.
"""

import json
import sys

import catboost
import lightgbm
import numpy as np
import pandas as pd
from sklearn import metrics

def told(x):
    return np.round(np.asarray(x, dtype=float), 9).tolist()


def bikes():
    table = pd.read_parquet("systems/bikes/bikes.parquet").iloc[::7]
    day = pd.to_datetime(table.dteday)
    coded = {c: pd.factorize(table[c], sort=True)[0] for c in ("season", "holiday", "weekday", "workingday", "weathersit")}
    hour = pd.to_datetime(table.hr, format="%I%p").dt.hour
    x = pd.DataFrame({"year": day.dt.year, "month": day.dt.month, "hour": hour, **coded, "temp": table.temp, "hum": table.hum, "windspeed": table.windspeed})
    return x.astype(float).map(lambda v: float("%.5g" % v)), table.cnt.to_numpy(dtype=float)


def held_out(n, place=3):
    test = np.arange(n) % 4 == place
    return ~test, test


SAME = dict(n_estimators=100, learning_rate=0.1, num_leaves=31, min_child_samples=20, min_data_in_bin=1, reg_lambda=1.0, verbose=-1, n_jobs=1)
WAYS = {
    "gbdt": {},
    "bagging": dict(subsample=0.5, subsample_freq=3),
    "goss": dict(data_sample_strategy="goss", top_rate=0.2, other_rate=0.1),
    "dart": dict(boosting_type="dart", drop_rate=0.1, max_drop=50, skip_drop=0.5),
    "rf": dict(boosting_type="rf", subsample=0.6, subsample_freq=1, colsample_bytree=0.8),
    "linear": dict(linear_tree=True, linear_lambda=1.0),
}


def scores(x, y, classify):
    out = {}
    for name, way in WAYS.items():
        out[name] = []
        for seed in range(8):
            train, test = held_out(len(y), seed % 4)
            kind = lightgbm.LGBMClassifier if classify else lightgbm.LGBMRegressor
            model = kind(**{**SAME, **way}, random_state=seed).fit(x[train], y[train])
            if classify:
                p = model.predict_proba(x[test])[:, 1]
                out[name].append(float(metrics.log_loss(y[test], p)))
            else:
                out[name].append(float(np.sqrt(np.mean((model.predict(x[test]) - y[test]) ** 2))))
    return out


def linear_two(x, y):
    two = dict(n_estimators=2, learning_rate=0.5, num_leaves=8, min_child_samples=20, min_data_in_bin=1, verbose=-1, n_jobs=1)
    model = lightgbm.LGBMRegressor(**two, linear_tree=True, linear_lambda=2.0).fit(x, y)
    return told(model.predict(x))


def dart_all(x, y):
    """Every round leaves out all trees before it: no chance is left in it."""
    model = lightgbm.LGBMRegressor(n_estimators=8, learning_rate=0.5, num_leaves=8, min_child_samples=20, min_data_in_bin=1, verbose=-1, n_jobs=1,
                                   boosting_type="dart", drop_rate=1.0, skip_drop=0.0, max_drop=1000)
    return told(model.fit(x, y - y.mean()).predict(x))


def refit(x, y, later, params):
    data = lightgbm.Dataset(x, y, params={"min_data_in_bin": 1, "verbose": -1})
    params = dict(params, boost_from_average=False, num_leaves=8, learning_rate=0.3, verbose=-1, num_threads=1, lambda_l2=0.5)
    model = lightgbm.train(params, data, 10)
    out = {"model": model.model_to_string()}
    for decay in (0.9, 0.5, 0.0):
        out[str(decay)] = told(model.refit(x, later, decay_rate=decay).predict(x, raw_score=True))
    return out


def levels():
    rng = np.random.default_rng(5)
    n = 6000
    shop = rng.integers(0, 400, n)
    city = np.minimum(rng.geometric(0.04, n) - 1, 79)
    a, b = rng.normal(size=(2, n)).round(4)
    effect, other = rng.normal(size=400), rng.normal(size=80)
    raw = 1.2 * effect[shop] + 0.8 * other[city] + 0.7 * a - 0.5 * a * b
    y = (rng.random(n) < 1 / (1 + np.exp(-raw))).astype(int)
    table = pd.DataFrame({"shop": shop.astype(str), "city": city.astype(str), "a": a, "b": b})
    train, test = held_out(n)
    aucs = []
    for seed in range(3):
        model = catboost.CatBoostClassifier(iterations=100, learning_rate=0.1, depth=6, random_seed=seed, thread_count=1, verbose=0, allow_writing_files=False, max_ctr_complexity=1, cat_features=["shop", "city"])
        model.fit(table[train], y[train])
        aucs.append(float(metrics.roc_auc_score(y[test], model.predict_proba(table[test])[:, 1])))
    few = pd.DataFrame({"level": shop[:300] % 9, "y": y[:300]})
    prior = few.y.mean()
    seen = few.groupby("level").y
    before = (seen.cumsum() - few.y + 2.0 * prior) / (seen.cumcount() + 2.0)
    whole = (seen.sum() + 2.0 * prior) / (seen.count() + 2.0)
    return {
        "shop": shop.tolist(), "city": city.tolist(), "a": a.tolist(), "b": b.tolist(), "y": y.tolist(),
        "catboost_auc": aucs,
        "few": {"level": few.level.tolist(), "y": few.y.tolist(), "before": told(before), "whole": told(whole)},
    }


def main():
    x, y = bikes()
    busy = (y > np.median(y)).astype(int)
    x.columns = [str(c) for c in x]
    values = x.to_numpy()
    small, later = values[:600, :], (y * 1.3 + 20.0)[:600]
    made = {
        "made_by": "tests/reference/learn_boosting.py",
        "lightgbm": lightgbm.__version__,
        "catboost": catboost.__version__,
        "bikes": {"names": list(x.columns), "x": values.T.tolist(), "y": y.tolist(), "busy": busy.tolist()},
        "scores": {"rmse": scores(values, y, False), "log_loss": scores(values, busy, True)},
        "linear_two": linear_two(small, y[:600]),
        "dart_all": dart_all(small, y[:600]),
        "refit": {
            "regression": refit(small, y[:600], later, dict(objective="regression")),
            "binary": refit(small, busy[:600], 1 - busy[:600], dict(objective="binary")),
        },
        "levels": levels(),
    }
    json.dump(made, sys.stdout, separators=(",", ":"))


main()
