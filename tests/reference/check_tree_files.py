"""Whether LightGBM, XGBoost and onnxruntime read the models that were written here, and predict the same.

    python tests/reference/check_tree_files.py FOLDER

The folder holds models (`NAME.txt`, `NAME.json`, `NAME.onnx`), and for each NAME a `NAME.rows` with the rows and the
answers due: {"x": columns, "answers": n x k numbers, "outputs": k, "classes": names or null}. A test of the room
`learn` writes it and runs this script.
"""

import json
import pathlib
import sys

import lightgbm
import numpy as np
import onnx
import onnxruntime
import xgboost


def light(path, x):
    return lightgbm.Booster(model_file=path).predict(x)


def extreme(path, x):
    booster = xgboost.Booster(model_file=path)
    matrix = xgboost.DMatrix(
        x.astype(np.float32), feature_names=booster.feature_names, feature_types=booster.feature_types, enable_categorical=True
    )
    return booster.predict(matrix)


def graph(path, x):
    onnx.checker.check_model(path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    found = session.run(None, {session.get_inputs()[0].name: x.astype(np.float32)})
    if names == ["label", "probabilities"]:
        told = json.loads(pathlib.Path(path).with_suffix(".rows").read_text())["classes"]
        best = [told[i] for i in found[1].argmax(axis=1)]
        # Of two that are equal to the last bit either may be named.
        near = np.sort(found[1], axis=1)[:, -1] - np.sort(found[1], axis=1)[:, -2] < 1e-6
        assert all(str(a) == b or c for a, b, c in zip(found[0], best, near)), "the labels are not the likeliest"
        return found[1]
    assert names == ["variable"], names
    return found[0]


readers = {".txt": (light, 1e-12), ".json": (extreme, 1e-5), ".onnx": (graph, 1e-5)}
bad = 0
checked = 0
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    if path.suffix not in readers:
        continue
    read, near = readers[path.suffix]
    told = json.loads(path.with_suffix(".rows").read_text())
    x = np.array([[np.nan if v is None else v for v in column] for column in told["x"]], dtype=float).T
    due = np.array(told["answers"]).reshape(-1, told["outputs"])
    try:
        given = np.asarray(read(str(path), x), dtype=float)
    except Exception as error:
        print(f"{path.name}: {error}")
        bad += 1
        continue
    given = given.reshape(len(x), -1)
    if given.shape[1] == 1 and due.shape[1] == 2:
        given = np.column_stack([1 - given, given])
    size = max(1.0, np.abs(due).max())
    gap = np.abs(given - due).max() / size if given.shape == due.shape else np.inf
    checked += 1
    if not gap <= near:
        rows = np.flatnonzero(np.abs(given - due).max(axis=1) / size > near) if given.shape == due.shape else []
        print(f"{path.name}: {gap:.2e} apart, shape {given.shape} where {due.shape} is due, rows {rows[:5]} of {len(x)}")
        bad += 1
print(f"{checked} models checked, {bad} wrong")
sys.exit(bad > 0)
