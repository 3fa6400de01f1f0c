#!/bin/sh
# The virtual environment, step by step; `make` decides which steps are due.
#
#   venv.sh create PYTHON VENV     an empty environment, in place of the one that was there
#   venv.sh lock VENV LOCKFILE     exactly what the lock file holds, hashes checked, wheels only
#   venv.sh package VENV           this package, linked to the sources
set -eu

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

check_python() {
    command -v "$1" >/dev/null 2>&1 ||
        fail "No '$1' here. Name a Python 3.11 or newer: make PYTHON=/path/to/python3 …"
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
        fail "corridors needs Python 3.11 or newer, and '$1' is $("$1" -V 2>&1 | head -n 1)." \
            "Name a newer one: make PYTHON=python3.12 …"
}

# Debian keeps `venv` in a package of its own.
check_venv_module() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    package="$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing $package"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -q >/dev/null &&
            apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "$package" \
                >/dev/null || true
    fi
    "$1" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "'$1' cannot make virtual environments. On Debian or Ubuntu, as root:" \
            "apt-get install $package"
}

create() {
    check_python "$1"
    check_venv_module "$1"
    # --clear empties the folder: make sure that it is an environment and not somebody's work.
    if [ -d "$2" ] && [ -n "$(ls -A "$2")" ] && [ ! -f "$2/pyvenv.cfg" ]; then
        fail "'$2' holds other files and is no virtual environment. Choose another VENV=…"
    fi
    echo "Making $2 with $("$1" -V) (a minute or two, only when the lock changed)"
    "$1" -m venv --clear "$2"
}

lock() {
    echo "Installing what $2 holds"
    "$1/bin/python" -m pip install -qq --disable-pip-version-check --no-input \
        --require-hashes --only-binary :all: -r "$2"
}

# The build backend comes from the lock too, so nothing is fetched here.
package() {
    "$1/bin/python" -m pip install -qq --disable-pip-version-check --no-input \
        --no-index --no-deps --no-build-isolation -e .
}

command="$1"
shift
"$command" "$@"
