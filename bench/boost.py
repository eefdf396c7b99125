"""Gradient boosting beside its peers: the same tables, trees, leaves, bins, learning rate and sampling.

    $(bench/setup.sh) bench/boost.py [--tables synthetic census ...] [--runs 5] [--learners ours lightgbm ...]

Every learner fits 200 trees of 63 leaves (leaf by leaf), 255 bins, learning rate 0.1, at least 20 rows a leaf, an
L2 penalty of 1, on two threads, each run in a process of its own, the learners taking turns. The clock covers binning and
boosting, from columns in memory; reading the table is not counted. Categories are native where the learner has
them (LightGBM, XGBoost, CatBoost, scikit-learn up to 255 levels). `--policy symmetric` grows oblivious trees of
depth 6 beside CatBoost's.

The ratio is of the medians: ours over the fastest peer's.
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import machine
import numpy
import tables

EXAMPLE = machine.ROOT / "target" / "release" / "examples" / "boost"
TREES, LEAVES, RATE, ROWS, L2 = 200, 63, 0.1, 20, 1.0
PEERS = ["lightgbm", "xgboost", "catboost", "sklearn"]


def ours(train, test, policy, answers, example):
    settings = {"n_estimators": TREES, "max_leaf_nodes": LEAVES, "learning_rate": RATE, "min_samples_leaf": ROWS,
                "l2_regularization": L2}
    if policy == "symmetric":
        settings |= {"grow_policy": "symmetric", "max_depth": 6, "max_leaf_nodes": 64}
    said = machine.run([example, train, test, "gbdt", json.dumps(settings), answers],
                       env=os.environ | {"RAYON_NUM_THREADS": "2"})
    return json.loads(said)


def frame(columns, levels):
    import pandas
    data = {}
    for i, (values, count) in enumerate(zip(columns, levels)):
        if count:
            codes = numpy.where(values == tables.MISSING, -1, values.astype("i8"))
            data[f"c{i}"] = pandas.Categorical.from_codes(codes, categories=range(count))
        else:
            data[f"c{i}"] = values
    return pandas.DataFrame(data)


def peer(name, train, test, policy, answers):
    """One fit in this process; prints what `ours` prints."""
    columns, levels, y, classes = tables.read(train)
    x, held = frame(columns, levels), frame(*tables.read(test)[:2])
    del columns
    categories = [f"c{i}" for i, count in enumerate(levels) if count]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if name == "lightgbm":
        import lightgbm
        start, busy = time.perf_counter(), time.process_time()
        model = lightgbm.train(
            {"objective": "binary", "num_leaves": LEAVES, "learning_rate": RATE, "min_data_in_leaf": ROWS,
             "lambda_l2": L2, "max_bin": 255, "num_threads": 2, "verbose": -1},
            lightgbm.Dataset(x, y, categorical_feature=categories or "auto"), TREES)
        fitted, busy = time.perf_counter(), time.process_time() - busy
        p = model.predict(held)
    elif name == "xgboost":
        import xgboost
        start, busy = time.perf_counter(), time.process_time()
        data = xgboost.QuantileDMatrix(x, y, enable_categorical=True, max_bin=256, nthread=2)
        model = xgboost.train(
            {"objective": "binary:logistic", "tree_method": "hist", "grow_policy": "lossguide", "max_leaves": LEAVES,
             "max_depth": 0, "eta": RATE, "lambda": L2, "max_bin": 256, "nthread": 2}, data, TREES)
        fitted, busy = time.perf_counter(), time.process_time() - busy
        p = model.inplace_predict(held)
    elif name == "catboost":
        import catboost
        for column in categories:
            # Text, the missing as a text of their own: CatBoost refuses NaN among categories.
            x[column], held[column] = (part[column].cat.codes.astype(str).astype(object) for part in (x, held))
        start, busy = time.perf_counter(), time.process_time()
        grow = {"depth": 6} if policy == "symmetric" else {"grow_policy": "Lossguide", "max_leaves": LEAVES,
                                                           "depth": 16, "min_data_in_leaf": ROWS}
        model = catboost.CatBoostClassifier(iterations=TREES, learning_rate=RATE, l2_leaf_reg=L2, border_count=254, thread_count=2,
                                            bootstrap_type="No", logging_level="Silent",
                                            allow_writing_files=False, cat_features=categories, **grow)
        model.fit(x, y)
        fitted, busy = time.perf_counter(), time.process_time() - busy
        p = model.predict_proba(held)[:, 1]
    else:
        from sklearn.ensemble import HistGradientBoostingClassifier
        start, busy = time.perf_counter(), time.process_time()
        model = HistGradientBoostingClassifier(max_iter=TREES, max_leaf_nodes=LEAVES, learning_rate=RATE,
                                               min_samples_leaf=ROWS, l2_regularization=L2, early_stopping=False,
                                               categorical_features="from_dtype")
        model.fit(x, y)
        fitted, busy = time.perf_counter(), time.process_time() - busy
        p = model.predict_proba(held)[:, 1]
    numpy.asarray(p, "<f8").tofile(answers)
    print(json.dumps({"fit": fitted - start, "cpu": busy, "predict": time.perf_counter() - fitted, "before_mb": before,
                      "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def main():
    if sys.argv[1:2] == ["--peer"]:
        return peer(*sys.argv[2:])
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tables", nargs="+", default=list(tables.TABLES), choices=list(tables.TABLES))
    options.add_argument("--learners", nargs="+", default=["ours", *PEERS], choices=["ours", *PEERS])
    options.add_argument("--policy", default="leaf", choices=["leaf", "symmetric"])
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--example", type=pathlib.Path, default=EXAMPLE, help="the built example `boost`")
    options.add_argument("--out", help="name of the result")
    options = options.parse_args()
    from sklearn.metrics import roc_auc_score

    result = machine.describe(["lightgbm", "xgboost", "catboost", "scikit-learn", "numpy"])
    result |= {"policy": options.policy, "trees": TREES, "leaves": LEAVES, "tables": {}}
    for name in options.tables:
        train, test = tables.table(name)
        y = tables.read(test)[2]
        runs = {learner: [] for learner in options.learners}
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(options.runs):
                for learner in options.learners:
                    answers = pathlib.Path(folder) / learner
                    if learner == "ours":
                        got = ours(train, test, options.policy, answers, options.example)
                    else:
                        got = json.loads(machine.run(
                            [sys.executable, __file__, "--peer", learner, train, test, options.policy, answers],
                            env=os.environ | {"OMP_NUM_THREADS": "2"}).splitlines()[-1])
                    got["roc_auc"] = roc_auc_score(y, numpy.fromfile(answers, "<f8"))
                    runs[learner].append(got)
        result["tables"][name] = runs
        show(name, runs)
        if options.out:
            machine.write(options.out, result)


def show(name, runs):
    median = {learner: statistics.median(run["fit"] for run in got) for learner, got in runs.items()}
    peers = {learner: seconds for learner, seconds in median.items() if learner != "ours"}
    print(f"\n{name}\n{'':12}{'fit s':>9}{'min':>9}{'max':>9}{'cpu s':>9}{'ROC AUC':>10}{'peak MB':>9}{'of it fit':>10}")
    for learner, got in runs.items():
        times = [run["fit"] for run in got]
        print(f"{learner:12}{median[learner]:9.2f}{min(times):9.2f}{max(times):9.2f}"
              f"{min(run['cpu'] for run in got):9.2f}{got[-1]['roc_auc']:10.5f}"
              f"{got[-1]['peak_mb']:9.0f}{got[-1]['peak_mb'] - got[-1]['before_mb']:10.0f}")
    if "ours" in median and peers:
        fastest = min(peers, key=peers.get)
        print(f"ours / {fastest}: {median['ours'] / peers[fastest]:.3f}", flush=True)


if __name__ == "__main__":
    main()
