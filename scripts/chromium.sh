#!/bin/sh
# A Chromium for the browser tests: the one that is here, Debian's package, or Playwright's own.
#
#   chromium.sh PYTHON    PYTHON has Playwright
#
# Never stops the build. Without a Chromium the browser tests skip and say why; where CI=true they
# fail instead (tests/conftest.py).
set -u
python="$1"

# Debian's packages, where we may install any.
apt() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        return 1
    fi
    echo "Installing Debian's $* for the browser tests"
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    apt-get update -q >/dev/null &&
        apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "$@" >/dev/null
}

# The program that Playwright brings along needs a library that a bare Debian lacks.
driver() {
    "$python" -m playwright --version >/dev/null 2>&1
}

installed() {
    if [ -n "${CORRIDORS_CHROMIUM:-}" ]; then
        printf '%s\n' "$CORRIDORS_CHROMIUM"
        return
    fi
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" && return
    done
    return 1
}

driver || apt libatomic1
installed >/dev/null || apt chromium

if ! driver; then
    echo "Playwright does not start: the browser tests will not run. It says:" >&2
    "$python" -m playwright --version >&2
elif where="$(installed)"; then
    echo "Chromium for the browser tests: $where"
elif ! "$python" -m playwright install chromium; then
    echo "No Chromium: install one (Debian: apt-get install chromium), or name one in" \
        "CORRIDORS_CHROMIUM. The browser tests will not run." >&2
fi
exit 0
