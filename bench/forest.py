"""A forest of deep trees beside scikit-learn's: the same table, trees, draws of rows and of features.

    cargo build --release -p arkwright-learn --example boost
    $(bench/setup.sh) bench/forest.py [--kind random_forest] [--table synthetic] [--runs 5]

Both fit 20 trees without a limit of depth on two threads, the other settings at their defaults, which agree:
the square root of the features in each node, as many rows drawn as there are (`extra_trees`: all rows). Each
run has a process and a seed of its own, the two in turn. The clock covers all that fitting takes, binning
included, from columns in memory; scikit-learn is given a float32 matrix, which it would make otherwise. The
ratio is of the medians, once of the wall clock and once of the processors' time, which tells more on a machine
that is not quiet. One forest's ROC AUC differs from the next one's by some thousandths: means are compared, and
what they differ by is told with its standard error.
"""

import argparse
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import machine
import numpy
import tables

EXAMPLE = machine.ROOT / "target" / "release" / "examples" / "boost"
TREES, THREADS = 20, 2


def ours(train, test, kind, seed, answers, example):
    said = machine.run([example, train, test, kind, json.dumps({"n_estimators": TREES}), answers, seed],
                       env=os.environ | {"RAYON_NUM_THREADS": str(THREADS)})
    return json.loads(said)


def peer(train, test, kind, seed, answers):
    """One fit in this process; prints what `ours` prints."""
    from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
    columns, levels, y, classes = tables.read(train)
    if any(levels) or classes != 2:
        sys.exit("scikit-learn's forests read numbers only, and this compares two classes")
    x = numpy.stack(columns, axis=1).astype("f4")
    held = numpy.stack(tables.read(test)[0], axis=1).astype("f4")
    learner = {"random_forest": RandomForestClassifier, "extra_trees": ExtraTreesClassifier}[kind]
    start, busy = time.perf_counter(), time.process_time()
    model = learner(n_estimators=TREES, n_jobs=THREADS, random_state=seed).fit(x, y)
    fitted, busy = time.perf_counter(), time.process_time() - busy
    model.predict_proba(held)[:, 1].tofile(answers)
    leaves = int(sum(tree.tree_.n_leaves for tree in model.estimators_))
    print(json.dumps({"fit": fitted - start, "cpu": busy, "predict": time.perf_counter() - fitted, "leaves": leaves}))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kind", choices=["random_forest", "extra_trees"], default="random_forest")
    options.add_argument("--table", choices=list(tables.TABLES), default="synthetic")
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--example", type=pathlib.Path, default=EXAMPLE, help="the example `boost`, built")
    options.add_argument("--out", default="forest", help="name of the result")
    options.add_argument("--peer", nargs=5, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.peer:
        train, test, kind, seed, answers = given.peer
        return peer(train, test, kind, int(seed), answers)
    from sklearn.metrics import roc_auc_score
    train, test = tables.table(given.table)
    truth = tables.read(test)[2]
    got = {"arkwright": [], "scikit-learn": []}
    print(f"{given.kind} on {given.table}\nseed  learner            fit      cpu      auc   leaves")
    with tempfile.TemporaryDirectory() as work:
        answers = pathlib.Path(work) / "answers"
        for seed in range(given.runs):
            for name, runs in got.items():
                if name == "arkwright":
                    run = ours(train, test, given.kind, seed, answers, given.example)
                else:
                    said = subprocess.run([sys.executable, __file__, "--peer", train, test, given.kind, str(seed), answers],
                                          capture_output=True, text=True, check=True).stdout
                    run = json.loads(said)
                run["roc_auc"] = roc_auc_score(truth, numpy.fromfile(answers))
                runs.append(run)
                print(f"{seed:4}  {name:13} {run['fit']:8.2f} {run['cpu']:8.2f} {run['roc_auc']:8.5f} "
                      f"{run['leaves']:8}", flush=True)
    middle = {name: {key: statistics.median(run[key] for run in runs) for key in ("fit", "cpu")}
              for name, runs in got.items()}
    auc = {name: statistics.mean(run["roc_auc"] for run in runs) for name, runs in got.items()}
    ratio = {key: middle["arkwright"][key] / middle["scikit-learn"][key] for key in ("fit", "cpu")}
    lead = auc["arkwright"] - auc["scikit-learn"]
    error = sum(statistics.variance(run["roc_auc"] for run in runs) / len(runs) for runs in got.values()) ** 0.5 \
        if given.runs > 1 else math.inf
    print(f"ours / scikit-learn: {ratio['fit']:.3f} of the time, {ratio['cpu']:.3f} of the processors' time; "
          f"ROC AUC {auc['arkwright']:.5f} and {auc['scikit-learn']:.5f}, {lead:+.5f} with a standard error of {error:.5f}")
    machine.write(given.out, machine.describe(["scikit-learn", "numpy"]) | {
        "table": given.table, "kind": given.kind, "trees": TREES, "threads": THREADS,
        "seeds": list(range(given.runs)), "runs": got, "ratio": ratio, "roc_auc": auc, "lead": lead, "lead_error": error,
        "within_bar": ratio["fit"] <= 0.15 and lead >= -0.0005 - 2 * error})


if __name__ == "__main__":
    main()
