"""Systems from Python: errors with their place, progress, and Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import arkwright
from arkwright._system import _Bar
from arkwright.ensemble import GBDTClassifier, RandomForestClassifier


@pytest.fixture()
def folder(people: pd.DataFrame, tmp_path: Path) -> Path:
    people.drop(columns="spends").to_csv(tmp_path / "people.csv", index=False)
    (tmp_path / "arkwright.toml").write_text(
        '[system]\nname = "people"\n[data]\nsource = "people.csv"\ntarget = "pays"\n'
        '[[model]]\nkind = "logistic"\n[[model]]\nkind = "gbdt"\n[evaluate]\ngate.roc_auc = { min = 0.6 }\n'
    )
    return tmp_path


def test_a_system_is_run_and_its_model_loaded_by_every_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    run = arkwright.run()
    assert run.passed and run.name == "people:1"
    assert run.scores["roc_auc"] > 0.6
    assert "people:1" in run._repr_html_() and "people:1" in repr(run)
    table = pd.read_csv("people.csv")
    for name in ("people", "people:1"):
        system = arkwright.load(name)
        assert (system.name, system.version, system.task) == ("people", 1, "classify")
        assert set(system.inputs) == {"age", "income", "city"}
        assert set(system.predict(table)) == {"yes", "no"}
    with pytest.raises(ValueError, match="did you mean `people`"):
        arkwright.load("peple")
    with pytest.raises(ValueError, match="has no alias `production`"):
        arkwright.load("people@production")


def test_looking_for_a_model_makes_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="no model `churn`"):
        arkwright.load("churn")
    assert not list(tmp_path.iterdir())


def test_labels_come_back_as_the_target_has_them(people: pd.DataFrame, tmp_path: Path) -> None:
    whole, truth = people.pays.eq("yes").astype(int), people.pays.eq("yes")
    for target in (whole, truth, people.pays):
        people[["age", "income"]].assign(pays=target).to_parquet(tmp_path / "people.parquet", index=False)
        (tmp_path / "arkwright.toml").write_text(
            '[system]\nname = "people"\n[data]\nsource = "people.parquet"\ntarget = "pays"\n[[model]]\nkind = "gbdt"\n'
        )
        system = arkwright.run(tmp_path, store=str(tmp_path / "store")).load()
        assert (system.predict(people) == target).mean() > 0.7
        assert list(system.classes) == sorted(set(target))


def test_a_wrong_file_is_told_with_line_and_column(folder: Path) -> None:
    file = folder / "arkwright.toml"
    file.write_text(file.read_text().replace('"gbdt"', '"gbtd"'))
    with pytest.raises(ValueError, match=r"arkwright.toml, line 9, column 8: .*gbtd.*did you mean `gbdt`"):
        arkwright.run(folder, store=str(folder / "store"))
    with pytest.raises(ValueError, match="no system file"):
        arkwright.run(folder / "nowhere", store=str(folder / "store"))


def test_progress_is_told_as_it_goes(folder: Path) -> None:
    from arkwright import _core

    seen: list[str] = []
    _core.run(str(folder), store=str(folder / "store"), progress=lambda work, told: seen.extend(w[0] for w in work))
    assert any("gbdt" in path for path in seen)


def test_an_error_of_who_listens_stops_the_run_and_is_raised(folder: Path) -> None:
    from arkwright import _core

    def full(work: object, told: object) -> None:
        raise RuntimeError("the disk of the screen is full")

    with pytest.raises(RuntimeError, match="screen is full"):
        _core.run(str(folder), store=str(folder / "store"), progress=full)


def test_a_bar_fits_a_line_and_tells_rate_and_rest(capsys: pytest.CaptureFixture[str]) -> None:
    bar = _Bar()
    bar.begun = {"fit it/choose/gbdt": time.monotonic() - 2.0}
    bar([("fit it/choose/gbdt", 4, 10, "folds"), ("fit it/choose/gbdt/gbdt", 1, 100, "trees")], ["odd"])
    told = capsys.readouterr().err
    assert "! odd" in told and "fit it › gbdt" in told and "4/10 2 folds/s, 3 s left" in told
    assert all(len(line) <= 101 for line in told.replace("\r", "\n").split("\n"))
    bar.clear()
    assert capsys.readouterr().err.endswith("\r")


@pytest.mark.parametrize("kind", [GBDTClassifier, RandomForestClassifier])
def test_ctrl_c_stops_a_fit_soon(kind: type) -> None:
    draw = np.random.default_rng(0)
    X, y = draw.normal(size=(20_000, 20)), draw.integers(0, 2, 20_000)
    model = kind(n_estimators=100_000)
    threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    assert time.monotonic() - begun < 20
    assert not hasattr(model, "_model"), "a fit that was cut leaves no model"


def test_ctrl_c_stops_a_run_and_the_next_one_goes_on(folder: Path) -> None:
    file = folder / "arkwright.toml"
    whole = file.read_text()
    file.write_text(whole.replace('kind = "gbdt"', 'kind = "gbdt"\nn_estimators = 100000'))
    threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        arkwright.run(folder, store=str(folder / "store"))
    file.write_text(whole)
    assert arkwright.run(folder, store=str(folder / "store")).passed


def test_other_threads_of_python_go_on_during_a_fit() -> None:
    draw = np.random.default_rng(0)
    X, y = draw.normal(size=(20_000, 10)), draw.integers(0, 2, 20_000)
    ticks, done = [], threading.Event()

    def tick() -> None:
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.005)

    ticking = threading.Thread(target=tick)
    ticking.start()
    GBDTClassifier(n_estimators=60, n_jobs=1).fit(X, y)
    done.set()
    ticking.join()
    assert len(ticks) > 20


def test_a_forked_process_fits_on_threads_of_its_own() -> None:
    code = (
        "import os, sys, numpy as np\n"
        "from arkwright.ensemble import GBDTClassifier\n"
        "X = np.random.default_rng(0).normal(size=(500, 3)); y = (X[:, 0] > 0).astype(int)\n"
        "GBDTClassifier(n_estimators=3).fit(X, y)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    GBDTClassifier(n_estimators=3).fit(X, y); os._exit(0)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=120).returncode == 0
