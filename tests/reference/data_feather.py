"""Feather files as pandas and R write them: compressed by LZ4 (their default) and by zstd.

    python3 tests/reference/data_feather.py

Writes crates/data/tests/fixtures/*.feather; the fixtures in the repository are of pyarrow 26.0.1.
"""

import pathlib

import pyarrow
from pyarrow import feather

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "crates" / "data" / "tests" / "fixtures"


def main():
    rows = 1000
    table = pyarrow.table({
        "number": pyarrow.array([i / 8 if i % 7 else None for i in range(rows)], pyarrow.float64()),
        "text": pyarrow.array([None if i % 11 == 0 else ["Ulm", "Bern", "Graz"][i % 3] for i in range(rows)]),
        "level": pyarrow.array([["low", "high"][i % 2] for i in range(rows)]).dictionary_encode(),
    })
    for compression in ("lz4", "zstd"):
        feather.write_feather(table, FIXTURES / f"{compression}.feather", compression=compression)


if __name__ == "__main__":
    main()
