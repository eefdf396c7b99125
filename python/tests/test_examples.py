"""The examples run with scikit-learn, and after changing its name in their imports, at the same scores; and the
guide's page shows them, and tells the truth."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import arkwright

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "guide" / "src" / "python.md"
EXAMPLES = sorted((ROOT / "python" / "examples").glob("*.py"))
#: What `sed` is told on the guide's page: the modules that arkwright has too.
MODULES = "dummy|ensemble|impute|linear_model|preprocessing|tree"


def figures(code: str) -> dict[str, float]:
    """What a script prints: names and figures."""
    # Peers that count the machine's cores wait for one another where others work on them too.
    env = {**os.environ, "OMP_NUM_THREADS": "2"}
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, env=env)
    assert done.returncode == 0, done.stderr
    pairs = [line.split()[:2] for line in done.stdout.splitlines()]
    return {name: float(figure) for name, figure in pairs}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_both_ways_at_the_same_scores(example: Path) -> None:
    theirs = example.read_text()
    ours = re.sub(rf"from sklearn\.({MODULES}) import", r"from arkwright.\1 import", theirs)
    assert ours != theirs
    here, there = figures(ours), figures(theirs)
    assert here.keys() == there.keys() and here
    for name, figure in here.items():
        # Of what is drawn at random, the draws differ.
        assert figure > there[name] - 0.03, f"{name}: {figure} where scikit-learn has {there[name]}"


def test_there_are_five_of_them_and_the_page_shows_each() -> None:
    assert len(EXAMPLES) == 5
    shown = blocks()
    for example in EXAMPLES:
        assert ("python", f"file={example.name}", example.read_text()) in shown, example.name


def test_the_pages_sed_names_the_modules_that_are_there() -> None:
    theirs = {"dummy", "ensemble", "impute", "linear_model", "preprocessing", "tree"}
    assert theirs <= set(arkwright.MODULES) and set(MODULES.split("|")) == theirs
    assert MODULES in PAGE.read_text()


def blocks() -> list[tuple[str, str, str]]:
    """The page's blocks: language, what else the fence says, and the text."""
    return re.findall(r"^```(\w+) ?(.*)\n((?:.*\n)*?)```$", PAGE.read_text(), flags=re.MULTILINE)


def plain(text: str) -> list[str]:
    """Lines without their figures, which another processor may round otherwise, and without blanks at the end."""
    return [re.sub(r"\S*\d\S*", "N", line).strip() for line in text.strip().splitlines()]


def test_what_the_page_shows_is_what_comes_out(tmp_path: Path) -> None:
    """Blocks of Python run one after the other in one program; a block of text tells what the one before it prints."""
    shutil.copytree(
        ROOT / "systems" / "penguins", tmp_path / "systems" / "penguins", ignore=shutil.ignore_patterns("*.lock")
    )
    told, code = [], "import warnings\nwarnings.simplefilter('ignore')\n"
    found = [block for block in blocks() if not block[1].startswith("file=")]
    for (language, _, text), (after, _, output) in zip(found, [*found[1:], ("", "", "")]):
        if language == "python":
            code += text + "print('----')\n"
            told.append(output if after == "text" else None)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    came = done.stdout.split("----\n")[:-1]
    assert len(came) == len(told) > 3
    for output, printed in zip(told, came):
        assert plain(output or "") == plain(printed), printed
