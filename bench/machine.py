"""What a benchmark's JSON says of where it ran, and how the scripts write it."""

import datetime
import importlib.metadata
import json
import os
import pathlib
import platform
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[1]
DATA = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "arkwright" / "data"
ARKWRIGHT = ROOT / "target" / "release" / "arkwright"


def describe(packages, arkwright=None):
    """The machine, how busy it was, and the versions of what was compared."""
    model = [line.split(":", 1)[1].strip() for line in read("/proc/cpuinfo").splitlines()
             if line.startswith("model name")]
    versions = {name: importlib.metadata.version(name) for name in packages}
    if arkwright is not None:
        said = subprocess.run([arkwright, "--version"], capture_output=True, text=True, check=True).stdout
        versions["arkwright"] = " ".join(said.split())
    return {"when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "machine": {"cpu": model[0] if model else platform.processor(), "cores": os.cpu_count(),
                        "system": platform.system(), "load_average_before": list(os.getloadavg())},
            "python": platform.python_version(), "versions": versions}


def write(name, result):
    """Writes bench/results/NAME.json and says where."""
    path = ROOT / "bench" / "results" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(f"\nwritten: {path.relative_to(ROOT)}")


def run(command, **options):
    """Runs a command; on failure what it said is the error."""
    got = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if got.returncode:
        said = got.stdout[-2000:] + got.stderr[-4000:]
        raise SystemExit(f"{' '.join(map(str, command))}: exit code {got.returncode}\n{said}")
    return got.stdout


def read(path):
    try:
        return pathlib.Path(path).read_text()
    except OSError:
        return ""
