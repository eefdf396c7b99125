"""The classes are what the Rust estimators' settings say, and nothing is left out."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

import arkwright
from arkwright import _core

HERE = Path(__file__).parent.parent
SPECS = {spec["kind"]: spec for spec in json.loads(_core.specs())}

sys.path.insert(0, str(HERE))
import classes  # noqa: E402
import generate  # noqa: E402


def test_no_module_is_stale() -> None:
    told = subprocess.run([sys.executable, str(HERE / "generate.py"), "--check"], capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr


def test_every_estimator_of_the_file_has_a_class_or_says_why_not() -> None:
    reached = {kind._kind for _, kind in arkwright.all_estimators()}
    assert reached | set(classes.NOT_CLASSES) == set(SPECS)
    assert not reached & set(classes.NOT_CLASSES)


@pytest.mark.parametrize("name, kind", arkwright.all_estimators(), ids=[n for n, _ in arkwright.all_estimators()])
def test_the_file_reads_what_a_class_sends_and_its_defaults_are_the_files(name: str, kind: type) -> None:
    spec = SPECS[kind._kind]
    if spec["defaults"] is None:
        pytest.skip("it holds another estimator, which has the defaults")
    row = next((row for row in classes.ROWS if row.name == name), None)
    other = {token.split("=")[0].split(":")[-1] for token in (row.order.split() if row else []) if "=" in token}
    parameters = inspect.signature(kind).parameters
    for parameter, setting in kind._settings.items():
        default = parameters[parameter].default
        if setting not in other and default is not None:
            assert default == spec["defaults"][setting], parameter


def test_a_kind_without_a_line_gets_classes_of_its_name() -> None:
    schema = {
        "description": "Made up.",
        "properties": {"k": {"type": "integer", "default": 3, "description": "How many."}},
    }
    spec = {
        "kind": "nearest_star",
        "about": "",
        "schema": schema,
        "defaults": {"k": 3},
        "prepare": ["levels"],
        "version": 1,
    }
    made = generate.modules({**SPECS, "nearest_star": {**spec, "tasks": ["classify", "regress"]}})["learn.py"]
    assert "class NearestStarClassifier(_learner.Classifier):" in made
    assert "class NearestStarRegressor(_learner.Regressor):" in made
    assert "k: int = 3," in made and '_prepare = ("levels",)' in made
    compile(made, "learn.py", "exec")


def test_a_default_that_repeats_the_settings_own_is_refused() -> None:
    row = classes.Row("linear_model", "Twice", "linear", "LinearRegressor", "alpha=0.0")
    with pytest.raises(SystemExit, match="is the setting's own"):
        generate.written(row, SPECS["linear"])
    unknown = classes.Row("linear_model", "Odd", "linear", "LinearRegressor", "beta")
    with pytest.raises(SystemExit, match="no setting of `linear`"):
        generate.written(unknown, SPECS["linear"])
