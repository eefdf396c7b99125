"""Serving one row at a time: Arkwright beside FastAPI + LightGBM.

    $(bench/setup.sh) bench/serve/run.py [--servers null fastapi-1 fastapi-2 arkwright]

Each server holds boosted trees (200 of 31 leaves, learning rate 0.1) fitted on
`adult`, and answers POST /v1/models/adult:predict. The load generator (load.c)
runs beside it on the same machine, with 16 kept-alive connections, open loop.
Two figures: the latency at 2,000 requests a second, five times; and the highest
rate that is sustained for five seconds: p99 below 50 ms, at least 99 % of
the asked rate achieved, no request failed. FastAPI is run with one and with two
workers; the better one counts. `null` is a server that does nothing (null.c):
no server can sustain more beside this generator. Each server runs alone.

    $(bench/setup.sh) bench/serve/run.py --rounds 9

asks something smaller, for a machine that is not quiet: all servers are there at
once, and in turn each gets more than it can answer for a few seconds, round after
round. What it answered a second then is compared within each round; nothing is
written.
"""

import argparse
import contextlib
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import machine  # noqa: E402

TARGET = "income"
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
folds = 2
[[model]]
kind = "gbdt"
n_estimators = 200
max_leaf_nodes = 31
learning_rate = 0.1
[evaluate]
metrics = ["roc_auc"]
"""


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--arkwright", type=pathlib.Path, default=machine.ARKWRIGHT, help="the binary")
    options.add_argument("--servers", nargs="+", default=["null", "fastapi-1", "fastapi-2", "arkwright"])
    options.add_argument("--rate", type=float, default=2000, help="requests a second for the latency")
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--start", type=float, default=500, help="first rate of the search")
    options.add_argument("--port", type=int, default=18080)
    options.add_argument("--rounds", type=int, help="compare in turn, so many times, and write nothing")
    options.add_argument("--out", default="serve", help="name of the result")
    given = options.parse_args()
    with_arkwright = "arkwright" in given.servers
    packages = ["fastapi", "uvicorn", "uvloop", "httptools", "orjson", "lightgbm", "numpy"]
    result = machine.describe(packages, given.arkwright if with_arkwright else None)
    result |= {"trees": 200, "leaves": 31, "connections": 16, "servers": {}}
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        load = work / "load"
        machine.run(["cc", "-O2", "-o", load, HERE / "load.c"])
        prepare(work)
        if given.rounds:
            in_turn(work, load, given)
            return
        for name in given.servers:
            with serving(name, work, given, given.port):
                result["servers"][name] = measure(name, asking(load, work, given.port), given)
    summary(result)
    machine.write(given.out, result)


def prepare(work):
    """The peer's model, and a thousand bodies of one row each."""
    import lightgbm
    import pandas
    table = pandas.read_csv(machine.DATA / "adult.csv")
    x, y = table.drop(columns=TARGET), table[TARGET]
    labels = sorted(y.unique())
    with open(work / "bodies.jsonl", "w") as bodies:
        for row in json.loads(x.sample(1000, random_state=0).to_json(orient="records")):
            bodies.write(json.dumps({"instances": [row]}) + "\n")
    columns = []
    for name in x:
        codes = None
        if x[name].dtype.kind not in "if":
            x[name] = x[name].astype("category")
            codes = {label: code for code, label in enumerate(x[name].cat.categories)}
        columns.append([name, codes])
    model = lightgbm.LGBMClassifier(n_estimators=200, num_leaves=31, learning_rate=0.1, n_jobs=2, verbose=-1)
    model.fit(x, y == labels[1])
    model.booster_.save_model(work / "model.txt")
    (work / "columns.json").write_text(json.dumps([columns, labels]))


def asking(load, work, port):
    """The load generator's command, without the rate."""
    return [load, "--port", port, "--path", "/v1/models/adult:predict", "--bodies", work / "bodies.jsonl",
            "--connections", 16]


@contextlib.contextmanager
def serving(name, work, given, port):
    """Starts one server, waits for its port, and ends it, workers too."""
    environment = dict(os.environ, PEER_MODEL=str(work), OMP_NUM_THREADS="1")
    if name.startswith("fastapi-"):
        command = [sys.executable, "-m", "uvicorn", "peer:app", "--port", str(port), "--workers",
                   name.split("-")[1], "--loop", "uvloop", "--http", "httptools", "--no-access-log",
                   "--log-level", "warning"]
        folder = HERE
    elif name == "null":
        machine.run(["cc", "-O2", "-o", work / "null", HERE / "null.c"])
        command, folder = [str(work / "null"), str(port)], work
    else:
        system, store = work / "adult", work / "store"
        system.mkdir()
        (system / "arkwright.toml").write_text(FILE.format(source=machine.DATA / "adult.csv"))
        machine.run([given.arkwright, "run", system, "--store", store, "-q"])
        command = [str(given.arkwright), "serve", "--store", str(store), "--listen", f"127.0.0.1:{port}"]
        folder = work
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        raise SystemExit(f"port {port} is taken: what answers there would be measured")
    log = open(work / f"{name}.log", "w+")
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        for _ in range(300):
            if process.poll() is not None:
                log.seek(0)
                raise SystemExit(f"{name} did not start:\n{log.read()[-3000:]}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        time.sleep(1)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)
        log.close()


def measure(name, ask, given):
    print(f"\n{name}")
    def load(rate, seconds):
        got = json.loads(machine.run([*ask, "--rate", rate, "--seconds", seconds]))
        print("  {rate:>7.0f}/s asked {achieved:>8.0f}/s achieved   p50 {p50:8.2f}  p90 {p90:8.2f}  "
              "p99 {p99:8.2f}  max {max:8.2f} ms  failed {failed}".format(**got), flush=True)
        return got
    load(200, 2)
    fixed = [load(given.rate, given.seconds) for _ in range(given.runs)]
    return {"at_rate": fixed, "search": search(load, given.start)}


def in_turn(work, load, given):
    """What each server answers a second when asked for more than it can, round after round."""
    answered = {name: [] for name in given.servers}
    with contextlib.ExitStack() as servers:
        asks = {}
        for port, name in enumerate(given.servers, given.port):
            servers.enter_context(serving(name, work, given, port))
            asks[name] = asking(load, work, port)
        for number in range(given.rounds):
            for name, ask in asks.items():
                # Enough to be too much for any server, and none of it for warming up after the first round.
                got = json.loads(machine.run([*ask, "--rate", 200_000, "--seconds", 1.5, "--grace", 1.5, "--warmup", 0]))
                if got["failed"]:
                    raise SystemExit(f"{name}: {got['failed']} requests failed")
                answered[name].append(got["achieved"])
            print(f"round {number + 1}: " + "   ".join(f"{name} {rates[-1]:7.0f}/s" for name, rates in answered.items()),
                  flush=True)
    for name, rates in answered.items():
        print(f"{name:10}  median {statistics.median(rates):8.0f}/s   best {max(rates):8.0f}/s")
    peers = [name for name in given.servers if name.startswith("fastapi-")]
    if peers and "arkwright" in answered:
        # The first round warms up.
        times = [ours / max(answered[peer][number] for peer in peers)
                 for number, ours in enumerate(answered["arkwright"])][1:] or [float("nan")]
        print(f"arkwright answers {statistics.median(times):.1f} times as many as the better FastAPI "
              f"(median of {len(times)} rounds; {min(times):.1f} to {max(times):.1f})")


def search(load, rate):
    """Doubles the rate until it is not sustained, then halves the gap to 3 %."""
    trials = []
    def sustained(rate):
        # Twice, if need be: one hiccup of a busy machine is not the server's.
        for _ in range(2):
            got = load(rate, 5)
            trials.append(got)
            if not got["failed"] and not got["unfinished"] and got["p99"] < 50 and got["achieved"] >= 0.99 * rate:
                return True
        return False
    low, high = 0.0, rate
    while sustained(high):
        low, high = high, 2 * high
    while low == 0 and high > 1:
        if sustained(high / 2):
            low = high / 2
        else:
            high /= 2
    while high - low > 0.03 * high:
        middle = round((low + high) / 2)
        low, high = (middle, high) if sustained(middle) else (low, middle)
    return {"highest_sustained": low, "trials": trials}


def summary(result):
    print()
    best = {}
    for name, got in result["servers"].items():
        p99 = statistics.median(run["p99"] for run in got["at_rate"])
        print(f"{name:10}  p99 {p99:9.2f} ms at {got['at_rate'][0]['rate']:.0f}/s (median of {len(got['at_rate'])})"
              f"   highest sustained {got['search']['highest_sustained']:8.0f}/s")
        kind = name.split("-")[0]
        best[kind] = max(best.get(kind, 0), got["search"]["highest_sustained"])
    if best.get("fastapi") and "arkwright" in best:
        result["times_the_rate"] = best["arkwright"] / best["fastapi"]
        print(f"arkwright sustains {result['times_the_rate']:.1f} times the rate of the better FastAPI")


if __name__ == "__main__":
    main()
