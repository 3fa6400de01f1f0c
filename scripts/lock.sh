#!/bin/sh
# Writes requirements/{run,dev,oldest}.txt from pyproject.toml.
#
#   lock.sh PYTHON UV
#
# One lock serves Python 3.11 to 3.13 on every system, with one version of each package for all of
# them (the fewest forks), so that what CI ran on is what everybody gets. It names no index and no
# host, and holds the hash of every file it admits. The build backend is locked too, so that the
# package itself is built without fetching anything.
set -eu
python="$1"
uv="$2"

if ! command -v "$uv" >/dev/null 2>&1; then
    [ -x .venv-lock/bin/uv ] || {
        "$python" -m venv --clear .venv-lock
        .venv-lock/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.5"
    }
    uv=.venv-lock/bin/uv
fi

build_requires() {
    "$python" -c 'import tomllib
with open("pyproject.toml", "rb") as file:
    print("\n".join(tomllib.load(file)["build-system"]["requires"]))'
}

compile() {
    target="$1"
    shift
    build_requires | "$uv" pip compile --quiet pyproject.toml - --output-file "$target" --upgrade \
        --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate "$@" >/dev/null
    echo "$target: $(grep -c '^[a-z]' "$target") packages"
}

compile requirements/dev.txt --extra dev
# What users run is what the tests ran: the same versions, fewer packages.
compile requirements/run.txt --constraint requirements/dev.txt
compile requirements/oldest.txt --extra test --resolution lowest-direct
