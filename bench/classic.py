"""Classical learners beside scikit-learn: the same rows, settings and stopping tolerance, on two threads.

    $(bench/setup.sh) bench/classic.py [--rows k_means k_means_noise pca ...] [--runs 3]

Build first: cargo build --release -p arkwright-learn --example classic. Each run is in a process of its own, the two
taking turns. The clock covers fitting, from columns in memory; reading the table is not counted. scikit-learn gets
the layout that it likes best: rows side by side for k-means, columns for the decompositions. The ratio is of the
medians of the seconds, ours over scikit-learn's; the processor's seconds stand beside.
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
import numpy

EXAMPLE = machine.ROOT / "target" / "release" / "examples" / "classic"


def blobs(n, p, k):
    random = numpy.random.default_rng(3)
    centres = random.uniform(-10, 10, (k, p))
    return centres[random.integers(0, k, n)] + 4.0 * random.standard_normal((n, p))


def noise(n, p):
    return numpy.random.default_rng(4).standard_normal((n, p))


def falling(n, p):
    """Columns that mix 40 strong factors."""
    random = numpy.random.default_rng(5)
    factors = random.standard_normal((n, 40)) * numpy.linspace(8, 1, 40)
    return factors @ random.standard_normal((40, p)) + random.standard_normal((n, p))


def two_classes(n, p):
    """Two clouds that overlap, and which of them each row is of."""
    random = numpy.random.default_rng(6)
    y = random.integers(0, 2, n)
    x = random.standard_normal((n, p)) + 0.6 * (y[:, None] * 2 - 1) * (random.uniform(size=p) < 0.4)
    return numpy.column_stack([x, y])


# The rows, ours (kind, settings), scikit-learn's (class, settings).
ROWS = {
    "k_means": (lambda: blobs(200_000, 50, 100), "k_means", {"n_clusters": 100},
                "KMeans", {"n_clusters": 100, "random_state": 1}),
    "k_means_noise": (lambda: noise(200_000, 50), "k_means", {"n_clusters": 100, "max_iter": 50},
                      "KMeans", {"n_clusters": 100, "max_iter": 50, "random_state": 1}),
    "pca": (lambda: falling(50_000, 500), "pca", {}, "PCA", {}),
    "pca_randomized": (lambda: falling(50_000, 500), "pca", {"n_components": 20, "svd_solver": "randomized"},
                       "PCA", {"n_components": 20, "svd_solver": "randomized", "random_state": 1}),
    "truncated_svd": (lambda: falling(50_000, 500), "truncated_svd", {"n_components": 20, "algorithm": "randomized"},
                      "TruncatedSVD", {"n_components": 20, "random_state": 1}),
    # Fitted, and all rows answered.
    "knn": (lambda: two_classes(100_000, 20), "knn", {}, "KNeighborsClassifier", {"n_jobs": 2}),
    "svc": (lambda: two_classes(20_000, 20), "svc", {}, "SVC", {}),
    "dbscan": (lambda: blobs(100_000, 3, 200), "dbscan", {"eps": 0.6}, "DBSCAN", {"eps": 0.6, "n_jobs": 2}),
}


def peer(table, n, p, name, settings):
    """One fit in this process; prints what `ours` prints."""
    import sklearn.cluster
    import sklearn.decomposition
    import sklearn.neighbors
    import sklearn.svm
    import threadpoolctl
    threadpoolctl.threadpool_limits(2)
    x = numpy.fromfile(table).reshape(int(p), int(n)).T
    modules = (sklearn.cluster, sklearn.decomposition, sklearn.neighbors, sklearn.svm)
    model = next(getattr(module, name) for module in modules if hasattr(module, name))(**json.loads(settings))
    learnt = (x[:, :-1], x[:, -1].astype(int)) if name in ("KNeighborsClassifier", "SVC") else (x,)
    if name in ("KMeans", "KNeighborsClassifier", "SVC", "DBSCAN"):
        learnt = (numpy.ascontiguousarray(learnt[0]), *learnt[1:])
    start, busy = time.perf_counter(), time.process_time()
    model.fit(*learnt)
    if name in ("KNeighborsClassifier", "SVC"):
        answers = model.predict(learnt[0])
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    notes = {}
    if name == "KMeans":
        notes = {"inertia": model.inertia_, "iterations": model.n_iter_}
    elif name == "DBSCAN":
        notes = {"clusters": int(model.labels_.max()) + 1, "noise": int((model.labels_ < 0).sum())}
    elif name in ("KNeighborsClassifier", "SVC"):
        notes = {"right": float((answers == learnt[1]).mean())}
    else:
        notes = {"first": float(model.singular_values_[0])}
    print(json.dumps({"fit": seconds, "cpu": busy, "notes": notes}))


def main():
    if sys.argv[1:2] == ["--peer"]:
        return peer(*sys.argv[2:])
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", nargs="+", default=list(ROWS), choices=list(ROWS))
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--example", type=pathlib.Path, default=EXAMPLE, help="the built example `classic`")
    options.add_argument("--out", help="name of the result")
    options = options.parse_args()
    result = machine.describe(["scikit-learn", "numpy"]) | {"rows": {}}
    threads = os.environ | {"RAYON_NUM_THREADS": "2", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
    ratios = []
    for name in options.rows:
        make, kind, settings, theirs, their_settings = ROWS[name]
        runs = {"ours": [], "scikit-learn": []}
        with tempfile.TemporaryDirectory() as folder:
            table = pathlib.Path(folder) / "table"
            x = make()
            n, p = x.shape
            numpy.ascontiguousarray(x.T).tofile(table)
            del x
            for _ in range(options.runs):
                for who, command in (
                    ("ours", [options.example, table, n, p, kind, json.dumps(settings)]),
                    ("scikit-learn", [sys.executable, __file__, "--peer", table, n, p, theirs,
                                      json.dumps(their_settings)]),
                ):
                    runs[who].append(json.loads(machine.run(command, env=threads).splitlines()[-1]))
        median = {who: [statistics.median(run[key] for run in got) for key in ("fit", "cpu")]
                  for who, got in runs.items()}
        (ours, busy), (peers, their_busy) = median["ours"], median["scikit-learn"]
        ratios.append(ours / peers)
        print(f"{name:16} ours {ours:8.3f} s (cpu {busy:7.2f})   scikit-learn {peers:8.3f} s (cpu {their_busy:7.2f})"
              f"   ratio {ours / peers:.3f}", flush=True)
        for who, got in runs.items():
            notes = {key: value for key, value in got[-1]["notes"].items() if not isinstance(value, list)}
            print(f"{'':16} {who}: {json.dumps(notes)}")
        result["rows"][name] = runs
    print(f"geometric mean of the ratios {statistics.geometric_mean(ratios):.3f}")
    if options.out:
        machine.write(options.out, result)


if __name__ == "__main__":
    main()
