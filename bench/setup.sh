#!/bin/sh
# Makes the Python environment of the peers, outside the clone:
# ${XDG_CACHE_HOME:-$HOME/.cache}/arkwright/venv
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv="${XDG_CACHE_HOME:-$HOME/.cache}/arkwright/venv"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
echo "$venv/bin/python"
