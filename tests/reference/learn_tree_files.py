"""Models of LightGBM and XGBoost, and what these programs predict with them.

    python tests/reference/learn_tree_files.py > crates/learn/tests/fixtures/tree_files.json

Small trees on small real tables. The rows that are predicted are some of the table's, with values missing here and
there, and rows whose values lie on the thresholds of the model and just beside them, where a wrong comparison or
rounding would show.
"""

import json
import sys

import lightgbm
import numpy as np
import pandas as pd
import xgboost
from sklearn import datasets

random = np.random.default_rng(7)


def table(load, columns=6):
    data = load()
    return data.data[:, :columns].copy(), data.target


def with_gaps(x, share=0.1):
    x = x.copy()
    x[random.random(x.shape) < share] = np.nan
    return x


def edges(x, cuts, count=25):
    """Rows of a table in which one value lies on a threshold or beside it; `cuts` are features and thresholds."""
    rows = []
    for feature, cut in [cuts[i] for i in random.choice(len(cuts), min(count, len(cuts)), replace=False)]:
        near = np.float32(cut)
        below, above = np.nextafter(near, np.float32(-np.inf)), np.nextafter(near, np.float32(np.inf))
        middles = [(float(near) + float(below)) / 2, (float(near) + float(above)) / 2]
        for value in [cut, np.nextafter(cut, np.inf), np.nextafter(cut, -np.inf), float(below), float(above), *middles]:
            row = x[random.integers(len(x))].copy()
            row[feature] = value
            rows.append(row)
    return np.array([rows[i] for i in random.choice(len(rows), min(count, len(rows)), replace=False)])


def columns(x):
    return [[None if value != value else value for value in column] for column in np.asarray(x, dtype=float).T.tolist()]


def numbers(y):
    return np.asarray(y, dtype=float).ravel().tolist()


# LightGBM


def light(name, x, y, settings, rounds=5, group=None, keep=False, rows=None, codes="auto"):
    settings = {"verbose": -1, "num_threads": 1, "num_leaves": 6, "min_data_in_leaf": 10, "seed": 1, **settings}
    booster = lightgbm.train(settings, lightgbm.Dataset(x, y, group=group, categorical_feature=codes), rounds)
    text = booster.model_to_string()
    if not keep:
        # What the settings were is long, and seldom needed.
        start, end = text.index("\nparameters:"), text.index("end of parameters")
        text = text[:start] + text[end + len("end of parameters") :]
    if rows is None:
        rows = with_gaps(x[:: len(x) // 20])
        nodes = booster.trees_to_dataframe()
        nodes = nodes[(nodes.decision_type == "<=")]
        names = booster.feature_name()
        cuts = [(names.index(f), float(t)) for f, t in zip(nodes.split_feature, nodes.threshold)]
        if cuts:
            rows = np.concatenate([rows, edges(np.nan_to_num(rows), cuts)])
    asked = rows if isinstance(rows, np.ndarray) else rows[0]
    told = {"name": name, "program": "lightgbm", "model": text, "sigmoid": settings.get("sigmoid", 1)}
    told["averaged"] = rounds if settings.get("boosting") == "rf" else 1
    told["x"] = columns(rows) if isinstance(rows, np.ndarray) else rows[1]
    told["raw"] = numbers(booster.predict(asked, raw_score=True))
    told["prediction"] = numbers(booster.predict(asked))
    told["contributions"] = numbers(booster.predict(asked[:5], pred_contrib=True))
    return told


def lights():
    x, y = table(datasets.load_breast_cancer)
    wine, kinds = table(datasets.load_wine)
    ill, progress = table(datasets.load_diabetes)
    positive = 1 + progress / 50
    zeros = np.where(random.random(x.shape) < 0.3, 0.0, x)
    codes = np.column_stack([random.integers(0, 70, len(x)).astype(float), x[:, 1:3]])
    flags = y ^ (codes[:, 0] % 3 == 0)
    strange = np.array([[v, 18.0, 90.0] for v in [0, 1, 2, 2.7, -0.5, -1, -7, 33, 69, 70, 1000, 1e12, np.nan]])
    strange = np.concatenate([strange, codes[:30]])
    few = {"cat_smooth": 1, "min_data_per_group": 5, "max_cat_to_onehot": 2}
    yield light("binary", with_gaps(x), y, {"objective": "binary"}, keep=True)
    yield light("binary, nothing missing while training", x, y, {"objective": "binary", "sigmoid": 2.5})
    yield light("zero is missing", zeros, y, {"objective": "binary", "zero_as_missing": True})
    yield light("multiclass", wine, kinds, {"objective": "multiclass", "num_class": 3}, rounds=3)
    yield light("one against the rest", wine, kinds, {"objective": "multiclassova", "num_class": 3}, rounds=2)
    yield light("regression", with_gaps(ill), progress, {"objective": "regression"})
    yield light("quantile", ill, progress, {"objective": "quantile", "alpha": 0.9}, rounds=3)
    yield light("poisson", ill, positive.round(), {"objective": "poisson"}, rounds=3)
    yield light("tweedie, dart", ill, positive, {"objective": "tweedie", "boosting": "dart"}, rounds=6)
    yield light("gamma", ill, positive, {"objective": "gamma"}, rounds=2)
    yield light("shares", x, y * 0.8 + 0.1, {"objective": "cross_entropy"}, rounds=2)
    yield light("ranking", ill[:400], (progress[:400] // 100), {"objective": "lambdarank"}, rounds=2, group=[20] * 20)
    bagged = {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}
    yield light("forest of numbers", ill, progress, {"objective": "regression", **bagged}, rounds=4)
    yield light("forest of classes", x, y, {"objective": "binary", **bagged}, rounds=4)
    yield light("one leaf", x[:30], np.zeros(30), {"objective": "regression"}, rounds=2)
    yield light("codes", codes, flags, {"objective": "binary", **few}, rows=strange, codes=[0])
    frame, target, rows, told = categories("Île")
    yield light("categories of pandas", frame, target, {"objective": "regression", **few}, rows=(rows, told), keep=True)


def categories(island):
    """A frame with categories, its target, rows to predict, and these as columns of texts and numbers."""
    count = 300
    place = random.choice([island, "north", "south", "far east"], count)
    size = random.choice([10, 5, 20, 40], count)
    width = random.normal(size=count)
    target = width + (place == "north") * 2 + (size == 20) - (place == "south") * (size > 9)
    frame = pd.DataFrame({"width": width, "place": pd.Categorical(place), "size": pd.Categorical(size)})
    rows = frame.iloc[:40].copy()
    rows.loc[rows.index[:5], "place"] = np.nan
    rows.loc[rows.index[3:8], "size"] = np.nan
    spelt = lambda column: [None if i < 0 else str(column.cat.categories[i]) for i in column.cat.codes]
    texts = [spelt(rows[c]) for c in ["place", "size"]]
    return frame, target, rows, [numbers(rows["width"]), *texts]


# XGBoost


def extreme(name, x, y, settings, rounds=4, spelling="json", types=None, group=None, rows=None):
    settings = {"max_depth": 3, "nthread": 1, "seed": 1, "min_child_weight": 1, **settings}
    matrix = lambda x, y=None: xgboost.DMatrix(x, y, feature_types=types, enable_categorical=True)
    train = matrix(x, y)
    if group:
        train.set_group(group)
    booster = xgboost.train(settings, train, rounds)
    if rows is None:
        rows = with_gaps(x[:: len(x) // 20])
        trees = booster.trees_to_dataframe()
        trees = trees[trees.Feature != "Leaf"]
        rows = np.concatenate([rows, edges(np.nan_to_num(rows), [(int(f[1:]), float(t)) for f, t in zip(trees.Feature, trees.Split)])])
    asked = rows if isinstance(rows, np.ndarray) else rows[0]
    told = {"name": name, "program": "xgboost", "sigmoid": 1, "averaged": 1}
    raw = bytes(booster.save_raw(spelling))
    told["model"] = raw.decode() if spelling == "json" else raw.hex()
    told["x"] = columns(rows) if isinstance(rows, np.ndarray) else rows[1]
    told["raw"] = numbers(booster.predict(matrix(asked), output_margin=True))
    told["prediction"] = numbers(booster.predict(matrix(asked)))
    told["contributions"] = numbers(booster.predict(matrix(asked[:5]), pred_contribs=True))
    return told


def extremes():
    x, y = table(datasets.load_breast_cancer)
    wine, kinds = table(datasets.load_wine)
    ill, progress = table(datasets.load_diabetes)
    positive = 1 + progress / 50
    softmax = {"objective": "multi:softprob", "num_class": 3}
    yield extreme("binary", with_gaps(x), y, {"objective": "binary:logistic"})
    yield extreme("binary, a base score", x, y, {"objective": "binary:logistic", "base_score": 0.3}, spelling="ubj")
    yield extreme("multiclass", with_gaps(wine), kinds, softmax, rounds=2)
    yield extreme("multiclass, dart", wine, kinds, {**softmax, "booster": "dart", "rate_drop": 0.5}, rounds=4)
    yield extreme("several trees at once", wine, kinds, {**softmax, "num_parallel_tree": 2, "subsample": 0.6}, rounds=2, spelling="ubj")
    yield extreme("regression, pruned", ill, progress, {"objective": "reg:squarederror", "gamma": 2e4})
    yield extreme("absolute error", ill, progress, {"objective": "reg:absoluteerror"}, rounds=2)
    yield extreme("poisson", ill, positive.round(), {"objective": "count:poisson"}, rounds=2)
    yield extreme("gamma", ill, positive, {"objective": "reg:gamma"}, rounds=2)
    yield extreme("shares", x, y * 0.8 + 0.1, {"objective": "reg:logistic"}, rounds=2)
    yield extreme("ranking", ill[:400], progress[:400] // 100, {"objective": "rank:ndcg"}, rounds=2, group=[20] * 20)
    codes = np.column_stack([random.integers(0, 40, len(x)).astype(float), x[:, 1:3]])
    flags = y ^ (codes[:, 0] % 3 == 0)
    strange = np.array([[v, 18.0, 90.0] for v in [0, 1, 2, 2.7, 33, 39, 40, 63, 64, 1000, np.nan]])
    strange = np.concatenate([strange, codes[:30]])
    types = ["c", "q", "q"]
    sets = {"objective": "binary:logistic", "max_cat_to_onehot": 1}
    yield extreme("codes", codes, flags, sets, types=types, rows=strange)
    ones = {"objective": "binary:logistic", "max_cat_to_onehot": 100, "max_depth": 4}
    yield extreme("codes, one by one", codes, flags, ones, types=types, rows=strange)
    # XGBoost 3.2 cuts off texts with letters beyond ASCII.
    frame, target, rows, told = categories("isle")
    yield extreme("categories of pandas", frame, target, {"objective": "reg:squarederror", "max_cat_to_onehot": 1}, rows=(rows, told))
    yield extreme("raw answers of two classes", x, y, {"objective": "binary:logitraw"}, rounds=2)


json.dump(
    {
        "script": "tests/reference/learn_tree_files.py",
        "lightgbm": lightgbm.__version__,
        "xgboost": xgboost.__version__,
        "models": [*lights(), *extremes()],
    },
    sys.stdout,
)
