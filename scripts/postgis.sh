#!/bin/sh
# A PostgreSQL with PostGIS for the database tests: the one that is here, or Debian's packages.
#
# Never stops the build. Without one the database tests skip and say why; where CI=true they fail
# instead (tests/conftest.py).
# The tests run a server of their own.
set -u

installed() {
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 &&
        ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1
}

install() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        return 1
    fi
    echo "Installing Debian's PostgreSQL with PostGIS for the database tests"
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    apt-get update -q >/dev/null &&
        apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 \
            postgresql postgresql-postgis >/dev/null
}

installed || install
if installed; then
    echo "PostGIS for the database tests: $(ls -d /usr/lib/postgresql/*/bin | tail -n 1)"
else
    echo "No PostgreSQL with PostGIS: install one (Debian: apt-get install postgresql" \
        "postgresql-postgis). The database tests will not run." >&2
fi
exit 0
