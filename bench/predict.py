"""Predictions of boosted trees beside the peers', in memory, in a process that has the model already.

    cargo build --release -p arkwright-learn --example tree_answers
    $(bench/setup.sh) bench/predict.py [--runs 5] [--rows 100000]

Three tasks, 28 columns of float32 numbers:
- `batch`: 200 trees of 63 leaves, two threads, beside LightGBM, XGBoost and treelite;
- `symmetric`: 200 symmetric trees of depth 6, two threads, beside CatBoost, given numpy rows and given its Pool;
- `single`: one row through 500 trees of 63 leaves, one thread, beside LightGBM's
  `LGBM_BoosterPredictForMatSingleRowFast`, called by ctypes (whose own cost, that of a call that does nothing, is taken
  off).

Ours answers with LightGBM's own trees, or CatBoost's, and must agree with it; XGBoost grows as many of the same shape.
The learners take turns; the ratio is of the medians. The peers get rows as they read them fastest.
"""

import argparse
import ctypes
import pathlib
import tempfile

import catboost
import lightgbm
import machine
import numpy as np
import peer_trees
import treelite
import xgboost

EXAMPLE = machine.ROOT / "target" / "release" / "examples" / "tree_answers"
FEATURES, TRAIN, SINGLES = 28, 10_000, 1000


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--example", type=pathlib.Path, default=EXAMPLE, help="the built example")
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--out", default="predict", help="name of the result")
    given = options.parse_args()
    result = machine.describe(["lightgbm", "xgboost", "catboost", "treelite", "numpy"])
    result |= {"rows": given.rows, "features": FEATURES, "threads": given.threads, "tasks": {}}
    x, y = peer_trees.table(given.rows, FEATURES)
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        peer_trees.write_rows(x, work / "rows")
        for task in (batch, symmetric, single):
            result["tasks"][task.__name__] = task(x, y, work, given)
    machine.write(given.out, result)


def light(x, y, trees):
    settings = {"objective": "regression", "num_leaves": 63, "learning_rate": 0.1, "verbose": -1, "num_threads": 2}
    return lightgbm.train(settings, lightgbm.Dataset(x[:TRAIN], y[:TRAIN]), trees)


def ours(flat, work, given, threads, expected):
    """Ours with such trees, once it was seen to answer as the peer does."""
    peer_trees.write(flat, work / "model")
    process = peer_trees.Ours(given.example, work / "model", work / "rows", threads)
    np.testing.assert_allclose(process.ask("answers 1000"), expected[:1000], rtol=1e-9, atol=1e-9)
    return process


def batch(x, y, work, given):
    model = light(x, y, 200)
    process = ours(peer_trees.of_lightgbm(model), work, given, given.threads, model.predict(x[:1000]))
    grown = xgboost.train({"tree_method": "hist", "grow_policy": "lossguide", "max_leaves": 63, "max_depth": 0,
                           "eta": 0.1, "max_bin": 255, "nthread": given.threads},
                          xgboost.DMatrix(x[:TRAIN], y[:TRAIN]), 200)
    grown.set_param({"nthread": given.threads})
    lite = treelite.frontend.from_lightgbm(model)
    times = peer_trees.in_turn({
        "ours": lambda: process.ask("predict"),
        "lightgbm": peer_trees.timed(lambda: model.predict(x, num_threads=given.threads)),
        "xgboost": peer_trees.timed(lambda: grown.inplace_predict(x)),
        "treelite": peer_trees.timed(lambda: treelite.gtil.predict(lite, x, nthread=given.threads)),
    }, given.runs)
    process.close()
    return peer_trees.compared("batch", times, 0.5, "ms", 1e3)


def symmetric(x, y, work, given):
    model = catboost.CatBoostRegressor(iterations=200, depth=6, learning_rate=0.1, border_count=254, verbose=0,
                                       allow_writing_files=False, thread_count=2).fit(x[:TRAIN], y[:TRAIN])
    model.save_model(str(work / "catboost.json"), format="json")
    flat = peer_trees.of_catboost(work / "catboost.json")
    process = ours(flat, work, given, given.threads, model.predict(x[:1000]))
    pool = catboost.Pool(x)
    times = peer_trees.in_turn({
        "ours": lambda: process.ask("predict"),
        "catboost": peer_trees.timed(lambda: model.predict(x, thread_count=given.threads)),
        "catboost, a Pool": peer_trees.timed(lambda: model.predict(pool, thread_count=given.threads)),
    }, given.runs)
    process.close()
    return peer_trees.compared("symmetric", times, 0.8, "ms", 1e3)


def single(x, y, work, given):
    model = light(x, y, 500)
    expected = model.predict(x[:SINGLES])
    process = ours(peer_trees.of_lightgbm(model), work, given, 1, expected)
    library, fast, length, out = lightgbm.basic._LIB, ctypes.c_void_p(), ctypes.c_int64(), ctypes.c_double()
    # Normal answers by all rounds, of rows of 32-bit floats.
    if library.LGBM_BoosterPredictForMatSingleRowFastInit(
            model._handle, ctypes.c_int(0), ctypes.c_int(0), ctypes.c_int(-1), ctypes.c_int(0), ctypes.c_int32(FEATURES),
            b"num_threads=1", ctypes.byref(fast)):
        raise SystemExit("LightGBM refused to prepare single rows")
    rows = [ctypes.c_void_p(row.ctypes.data) for row in x[:SINGLES]]
    answer, nothing = library.LGBM_BoosterPredictForMatSingleRowFast, library.LGBM_BoosterGetNumClasses
    length_at, out_at, count = ctypes.byref(length), ctypes.byref(out), ctypes.byref(ctypes.c_int())

    def all_rows():
        for row in rows:
            answer(fast, row, length_at, out_at)

    def no_rows():
        for _ in rows:
            nothing(model._handle, count)

    all_rows()
    np.testing.assert_allclose(out.value, expected[-1], rtol=1e-9)
    theirs, empty = peer_trees.timed(all_rows), peer_trees.timed(no_rows)
    times = peer_trees.in_turn({
        "ours": lambda: process.ask(f"single {SINGLES}") / 1e6,
        "lightgbm": lambda: (theirs() - empty()) / SINGLES,
    }, given.runs)
    library.LGBM_FastConfigFree(fast)
    process.close()
    return peer_trees.compared("single", times, 0.5, "us", 1e6)


main()
