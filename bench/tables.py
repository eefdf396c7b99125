"""Tables for the benches of learners, in a file that Rust and Python read alike.

A file NAME.table is a line of JSON, `{"rows", "columns": [{"name", "levels"}], "classes"}`, then the columns one
after another, then the target: numbers as little-endian f64 (NaN where missing), categories as u32 codes
(2^32 - 1 where missing). `levels` is 0 for a number; `classes` is 0 where the target is a number. `table(NAME)`
makes the two files of a table, train and test, in the cache, once.
"""

import json

import machine
import numpy
import pandas

MISSING = 2**32 - 1


def synthetic(rows=400_000, columns=28, held=100_000):
    """A made-up table of two classes: sums, products and a sine of normal columns, and noise."""
    random = numpy.random.default_rng(7)
    x = random.standard_normal((rows + held, columns))
    raw = (x[:, 0] + x[:, 1] * x[:, 2] + numpy.sin(2 * x[:, 3]) - abs(x[:, 4]) + 0.5 * x[:, 5] * x[:, 6]
           + random.standard_normal(len(x)))
    frame = pandas.DataFrame(x, columns=[f"x{i}" for i in range(columns)])
    frame["target"] = (raw > 0).astype(int)
    return frame[:rows], frame[rows:], "target"


def census():
    """Income above 50,000 among 199,523 persons; 29 of 41 columns are categories."""
    parts = [pandas.read_csv(machine.DATA / f"census_{part}.csv", header=None, skipinitialspace=True, na_values="?")
             for part in ("train", "test")]
    # Codes that stand for kinds, not amounts, as the description of the table says.
    parts = [part.astype({column: "str" for column in (2, 3)}) for part in parts]
    return *parts, parts[0].columns[-1]


def creditcard():
    frame = pandas.read_csv(machine.DATA / "creditcard.csv")
    return *shuffled(frame, 0.2), "Class"


def flights():
    """Delays above 15 minutes among three million flights."""
    frame = pandas.read_parquet(machine.DATA / "flights-3m.parquet")
    date = frame.pop("date")
    frame["month"], frame["weekday"] = date.dt.month, date.dt.dayofweek
    frame["minute"] = date.dt.hour * 60 + date.dt.minute
    frame["target"] = (frame.pop("delay") > 15).astype(int)
    return *shuffled(frame, 0.1), "target"


TABLES = {"synthetic": synthetic, "census": census, "creditcard": creditcard, "flights": flights}


def shuffled(frame, share, seed=1):
    frame = frame.sample(frac=1.0, random_state=seed)
    held = int(len(frame) * share)
    return frame[held:], frame[:held]


def table(name):
    """The two files of a table."""
    files = [machine.DATA / f"{name}.{part}.table" for part in ("train", "test")]
    if not all(file.exists() for file in files):
        train, test, target = TABLES[name]()
        write(files, train, test, target)
    return files


def write(files, train, test, target):
    """Writes two frames with the codes of the first."""
    y = train[target]
    classes = sorted(y.unique()) if y.dtype.kind not in "f" and y.nunique() <= 50 else []
    columns, parts = [], ([], [])
    for name in train.columns:
        if name == target:
            continue
        if train[name].dtype.kind in "biuf":
            columns.append({"name": str(name), "levels": 0})
            for part, frame in zip(parts, (train, test)):
                part.append(frame[name].to_numpy("<f8"))
        else:
            levels = pandas.Index(sorted(train[name].dropna().unique()))
            columns.append({"name": str(name), "levels": len(levels)})
            for part, frame in zip(parts, (train, test)):
                codes = levels.get_indexer(frame[name]).astype("<i8")
                part.append(numpy.where(codes < 0, MISSING, codes).astype("<u4"))
    for file, frame, part in zip(files, (train, test), parts):
        y = frame[target]
        y = y.map({c: i for i, c in enumerate(classes)}) if classes else y
        head = {"rows": len(frame), "columns": columns, "classes": len(classes)}
        with open(file.with_suffix(".new"), "wb") as out:
            out.write(json.dumps(head).encode() + b"\n")
            for column in part:
                out.write(column.tobytes())
            out.write(y.to_numpy("<f8").tobytes())
        file.with_suffix(".new").rename(file)


def read(file):
    """Columns (arrays), levels (0 for a number), target, classes."""
    with open(file, "rb") as data:
        head = json.loads(data.readline())
        n = head["rows"]
        columns = [numpy.fromfile(data, "<u4" if c["levels"] else "<f8", n) for c in head["columns"]]
        y = numpy.fromfile(data, "<f8", n)
    return columns, [c["levels"] for c in head["columns"]], y, head["classes"]
