"""One table of hosts, which a workspace may replace."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import corridors
from corridors.errors import ProfileError
from corridors.sources.fetch.endpoints import ENDPOINTS, endpoints_of


def test_every_endpoint_says_what_its_host_learns():
    for key, endpoint in ENDPOINTS.items():
        assert endpoint.key == key
        assert endpoint.url.startswith("https://")
        assert endpoint.host
        assert endpoint.learns
        assert endpoint.licence


def test_no_other_module_names_a_host():
    home = Path(corridors.__file__).parent
    allowed = {e.host for e in ENDPOINTS.values()}
    for path in home.rglob("*.py"):
        text = path.read_text("utf-8")
        if path.name == "endpoints.py" or path.parent.name == "demo":
            continue
        assert not any(host in text.replace("data.police.uk", "") for host in allowed), path
        for line in re.findall(r"requests\.(?:get|post)\(", text):
            raise AssertionError(f"{path}: {line}: ask through the client")


def test_a_workspace_may_name_its_own():
    made = endpoints_of({"streets": "http://osm.internal:8080/api/"})
    assert made["streets"].url == "http://osm.internal:8080/api"
    assert made["streets"].host == "osm.internal"
    assert made["crimes"] == ENDPOINTS["crimes"]


@pytest.mark.parametrize(
    "url",
    [
        "", "osm.internal", "ftp://host/x", "file:///etc/passwd", "https://", "http://[",
        "https://user:word@host/", "https://host:99999/", "https://ho st/", "https://host/\nx",
        "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ProfileError, match="is not an address"):
        endpoints_of({"streets": url})


def test_an_unknown_key_names_the_known_ones():
    with pytest.raises(ProfileError, match=r"fetch\.street.*Known keys: streets, crimes"):
        endpoints_of({"street": "https://host"})
