"""The peer: FastAPI and LightGBM, answering one row at a time.

    uvicorn peer:app --port 8081 --workers 1 --loop uvloop --http httptools --no-access-log

As its best users would write it: the body goes through orjson and not through a
pydantic model, the row is one NumPy array made without pandas, the booster is
asked directly with one thread (more only cost, for one row), and the answer is
written by orjson. The route, the body and the answer are those of Arkwright's
server. `bench/serve/run.py` trains the model and starts this.
"""

import json
import os
import pathlib

import lightgbm
import numpy
import orjson
from fastapi import FastAPI, Request, Response

FOLDER = pathlib.Path(os.environ["PEER_MODEL"])
BOOSTER = lightgbm.Booster(model_file=str(FOLDER / "model.txt"))
# [[column, {category: code} or null], ...], the labels
COLUMNS, LABELS = json.loads((FOLDER / "columns.json").read_text())
MISSING = float("nan")

app = FastAPI()


@app.post("/v1/models/{name}:predict")
async def predict(request: Request):
    instances = orjson.loads(await request.body())["instances"]
    rows = numpy.array([[cell(row.get(name), codes) for name, codes in COLUMNS] for row in instances])
    chances = BOOSTER.predict(rows, num_threads=1)
    answers = [{"prediction": LABELS[chance > 0.5], f"probability_{LABELS[0]}": 1 - chance,
                f"probability_{LABELS[1]}": chance} for chance in chances.tolist()]
    return Response(orjson.dumps({"predictions": answers}), media_type="application/json")


def cell(value, codes):
    if value is None:
        return MISSING
    return value if codes is None else codes.get(value, MISSING)
