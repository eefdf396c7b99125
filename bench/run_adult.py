"""The whole of `arkwright run` on adult, beside a plain script doing the same.

    $(bench/setup.sh) bench/run_adult.py [--arkwright PATH] [--peer-only]

The same file, learners and settings, five folds, two threads. Each side is timed
as a whole process, in turn, five times; Arkwright in a fresh store each time, so
that nothing is cached. The script is bench/run_adult_peer.py. Scores are
compared on common rows, untimed: both sides are given four fifths of the table
and judged on the last fifth, for three splits.

What each does: read, hold out a fifth, cross-validate three candidates on ROC
AUC and log loss, refit the best, hold-out scores with 1,000 bootstrap resamples,
permutation importance with 5 repeats, save. Arkwright also checks the data and
writes its report within that time; the script does not.
"""

import argparse
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time

import machine
import pandas
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

TARGET, POSITIVE = "income", ">50K"
PEER = pathlib.Path(__file__).with_name("run_adult_peer.py")
FILE = """format = 1
[system]
name = "adult"
task = "classify"
[data]
source = "{source}"
target = "income"
[split]
kind = "stratified"
test = 0.2
folds = 5
[[model]]
kind = "gbdt"
n_estimators = 100
max_leaf_nodes = 31
learning_rate = 0.1
[[model]]
kind = "random_forest"
n_estimators = 100
max_features = "sqrt"
min_samples_leaf = 5
[[model]]
kind = "logistic"
[evaluate]
metrics = ["roc_auc", "log_loss"]
"""


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--arkwright", type=pathlib.Path, default=machine.ARKWRIGHT, help="the binary")
    options.add_argument("--table", type=pathlib.Path, default=machine.DATA / "adult.csv")
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--splits", type=int, default=3, help="splits on which the scores are compared")
    options.add_argument("--threads", type=int, default=2, choices=[2], help="both sides; the script's are two")
    options.add_argument("--peer-only", action="store_true")
    options.add_argument("--out", default="run_adult", help="name of the result")
    given = options.parse_args()
    if not given.table.exists():
        sys.exit(f"{given.table} is missing: python3 bench/fetch.py adult")
    sides = {"peer": peer} if given.peer_only else {"peer": peer, "arkwright": arkwright}
    result = machine.describe(["pandas", "scikit-learn", "lightgbm", "numpy"],
                              None if given.peer_only else given.arkwright)
    result |= {"threads": given.threads, "seed": 0, "seconds": {name: [] for name in sides}, "said": {}}
    for run in range(given.runs):
        for name, side in sides.items():
            with tempfile.TemporaryDirectory() as work:
                seconds, said = side(given, given.table, pathlib.Path(work))
            result["seconds"][name].append(seconds)
            result["said"][name] = said
            print(f"run {run + 1}  {name:10} {seconds:7.2f} s", flush=True)
    result["median"] = {name: statistics.median(times) for name, times in result["seconds"].items()}
    result["scores"] = scores(given, sides)
    if not given.peer_only:
        result["time_ratio"] = result["median"]["arkwright"] / result["median"]["peer"]
        difference = [a - b for a, b in zip(result["scores"]["arkwright"], result["scores"]["peer"])]
        result["score_difference"] = statistics.mean(difference)
        print(f"\narkwright takes {result['time_ratio']:.2f} of the script's time (bar: 0.5), "
              f"ROC AUC {result['score_difference']:+.4f} (bar: -0.002)")
    machine.write(given.out, result)


def scores(given, sides):
    """ROC AUC of each side's choice on rows that neither saw, per split."""
    table, got = pandas.read_csv(given.table), {name: [] for name in sides}
    for seed in range(given.splits):
        train, test = train_test_split(table, test_size=0.2, stratify=table[TARGET], random_state=seed)
        for name, side in sides.items():
            with tempfile.TemporaryDirectory() as work:
                work = pathlib.Path(work)
                train.to_csv(work / "train.csv", index=False)
                test.to_csv(work / "test.csv", index=False)
                side(given, work / "train.csv", work, work / "test.csv")
                chance = pandas.read_csv(work / "predictions.csv")
            column = "prediction" if name == "peer" else f"probability_{POSITIVE}"
            got[name].append(roc_auc_score(test[TARGET] == POSITIVE, chance[column]))
            print(f"split {seed}  {name:10} ROC AUC {got[name][-1]:.4f}", flush=True)
    return got


def peer(given, table, work, rows=None):
    """Seconds of the script as a process, and what it said."""
    limited = dict(os.environ, OMP_NUM_THREADS=str(given.threads), OPENBLAS_NUM_THREADS=str(given.threads))
    began = time.perf_counter()
    said = machine.run([sys.executable, PEER, table, work, *([rows] if rows else [])], env=limited)
    return time.perf_counter() - began, json.loads(said)


def arkwright(given, table, work, rows=None):
    """Seconds of `arkwright run` in a fresh store, and what it said."""
    (work / "system").mkdir()
    (work / "system" / "arkwright.toml").write_text(FILE.format(source=table))
    store = ["--store", work / "store"]
    began = time.perf_counter()
    said = machine.run([given.arkwright, "run", work / "system", *store, "--threads", given.threads, "--json"])
    seconds = time.perf_counter() - began
    if rows:
        machine.run([given.arkwright, "predict", "adult", rows, "-o", work / "predictions.csv", *store])
    return seconds, answer(said)


def answer(said):
    """One JSON document, or the last line of several."""
    try:
        return json.loads(said)
    except json.JSONDecodeError:
        return json.loads(said.strip().splitlines()[-1])


if __name__ == "__main__":
    main()
