"""What passes is tried again, what does not is told, and nothing half is ever handed on."""

from __future__ import annotations

import gzip
import stat

import pytest
from support_server import (
    BROKEN_JSON,
    PAGE,
    TIMED_OUT,
    TOO_MANY,
    TOO_MUCH,
    Reply,
)

from corridors.errors import FetchError, InputError
from corridors.sources.fetch.client import (
    BusyError,
    Client,
    Limits,
    NothingThereError,
    TooMuchError,
    json_of,
)

GOOD = Reply(b'{"a": [1, 2]}')
# Long enough for a busy machine, and shorter than the faults below.
QUICK = Limits(attempts=4, connect_s=9.0, silence_s=2.0, whole_s=2.0, first_wait_s=0.01)


class Sleeper:
    """Keeps count of sleep instead of sleeping."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


def _client(limits: Limits = QUICK) -> tuple[Client, list[str], Sleeper]:
    said: list[str] = []
    sleeper = Sleeper()
    return Client(said.append, limits, sleep=sleeper), said, sleeper


FAULTS = {
    "429": TOO_MANY,
    "503": TOO_MUCH,
    "504": TIMED_OUT,
    "500": Reply(status=500),
    "cut": Reply(b'{"a": [1, 2]}', cut_after=5),
    "cut at once": Reply(b'{"a": [1, 2]}', cut_after=0),
    "drip": Reply(b'{"a": [1, 2]}' + b" " * 40, drip_s=0.06),
    "silence": Reply(b'{"a": [1, 2]}', silent_s=2.6),
    "broken": BROKEN_JSON,
    "page": PAGE,
    "nothing": Reply(b""),
    "deep": Reply(b"[" * 100_000),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_after_a_fault_of_the_moment_the_answer_is_the_same(local_server, fault):
    local_server.first = [FAULTS[fault]]
    local_server.answer = lambda _: GOOD
    client, said, _ = _client()
    assert client.get(f"{local_server.url}/x", json_of) == {"a": [1, 2]}
    assert len(local_server.asked) == 2
    assert len(said) == 1
    assert said[0].startswith("127.0.0.1: ")
    assert "Trying again in" in said[0]
    assert "\n" not in said[0]
    assert "Traceback" not in said[0]


def test_a_drip_ends_in_time_and_not_when_a_whole_chunk_is_full(local_server):
    local_server.first = [Reply(b" " * 5_000, drip_s=0.01)]  # 50 s, were it waited for
    local_server.answer = lambda _: GOOD
    client, said, _ = _client()
    client.get(local_server.url, json_of)
    assert said == ["127.0.0.1: the answer came too slowly. Trying again in 0 s"]
    assert sum(asked.path == "/" for asked in local_server.asked) == 2


def test_packed_answers_are_unpacked(local_server):
    packed = gzip.compress(GOOD.body)
    local_server.answer = lambda _: Reply(packed, headers={"Content-Encoding": "gzip"})
    client, said, _ = _client()
    assert client.get(local_server.url, json_of) == {"a": [1, 2]}
    broken = Reply(packed[:-9] + b"123456789", headers={"Content-Encoding": "gzip"})
    local_server.first = [broken]
    assert client.get(local_server.url, json_of) == {"a": [1, 2]}
    assert len(said) == 1


def test_it_waits_as_long_as_the_server_asks(local_server):
    local_server.first = [TOO_MANY, TOO_MUCH]
    local_server.answer = lambda _: GOOD
    client, _, sleeper = _client()
    client.get(local_server.url, json_of)
    assert sleeper.slept == [3.0, 0.02]


def test_it_gives_up_with_a_clear_line_and_exit_code_2(local_server):
    local_server.answer = lambda _: TIMED_OUT
    client, said, _ = _client()
    with pytest.raises(BusyError, match=r"busy.*after 4 attempts.*Try again later") as raised:
        client.get(local_server.url, json_of)
    assert isinstance(raised.value, InputError)
    assert len(said) == 3


def test_an_impatient_question_hears_503_at_once(local_server):
    local_server.answer = lambda _: TOO_MUCH
    client, said, sleeper = _client()
    with pytest.raises(TooMuchError):
        client.post(local_server.url, json_of, data={"poly": "x"}, patient=False)
    assert len(local_server.asked) == 1
    assert said == sleeper.slept == []


@pytest.mark.parametrize("fault", ["429", "cut", "page", "broken"])
def test_a_file_is_handed_over_whole_and_gone_afterwards(
    local_server, tmp_path, monkeypatch, fault
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    local_server.first = [FAULTS[fault]]
    local_server.answer = lambda _: GOOD
    client, said, _ = _client()
    seen = []

    def parse(path):
        seen.append((path, stat.S_IMODE(path.parent.stat().st_mode)))
        return json_of(path.read_bytes())

    assert client.get_file(local_server.url, parse) == {"a": [1, 2]}
    assert len(said) == 1
    assert {mode for _, mode in seen} == {0o700}
    assert list(tmp_path.iterdir()) == []


def test_being_busy_otherwise_is_never_too_much(local_server):
    local_server.answer = lambda _: TOO_MANY
    client, _, _ = _client()
    with pytest.raises(BusyError) as raised:
        client.post(local_server.url, json_of, data={"poly": "x"}, patient=False)
    assert not isinstance(raised.value, TooMuchError)


def test_a_file_too_is_limited(local_server, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    local_server.answer = lambda _: Reply(b" " * 300_000)
    client, _, _ = _client(Limits(most_bytes=100_000))
    with pytest.raises(FetchError, match="more than 100,000 bytes"):
        client.get_file(local_server.url, lambda path: path)
    assert list(tmp_path.iterdir()) == []


def test_404_is_no_fault_of_the_moment(local_server):
    client, _, _ = _client()
    with pytest.raises(NothingThereError):
        client.get(local_server.url, json_of)
    assert len(local_server.asked) == 1


def test_a_refusal_is_told_at_once(local_server):
    local_server.answer = lambda _: Reply(status=403)
    client, _, _ = _client()
    with pytest.raises(FetchError, match=r"refuses the question \(403\)"):
        client.get(local_server.url, json_of)
    assert len(local_server.asked) == 1


def test_no_more_bytes_than_told_are_taken(local_server):
    local_server.answer = lambda _: Reply(b" " * 300_000)
    client, _, _ = _client(Limits(most_bytes=100_000))
    with pytest.raises(FetchError, match="more than 100,000 bytes"):
        client.get(local_server.url, json_of)


def test_requests_keep_their_distance(local_server):
    local_server.answer = lambda _: GOOD
    now = [0.0]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    client = Client(lambda _: None, Limits(between_s=0.25), sleep=sleep, now=lambda: now[0])
    for _ in range(3):
        client.get(local_server.url, json_of)
        now[0] += 0.05
    assert slept == pytest.approx([0.2, 0.2])


def test_a_redirect_tells_who_else_learns_it(local_server):
    port = local_server.port
    elsewhere = f"http://localhost:{port}/there"

    local_server.answer = lambda asked: (
        GOOD if asked.path == "/there" else Reply(status=302, headers={"Location": elsewhere})
    )
    client, said, _ = _client()
    with pytest.raises(Exception, match="may not use the network"):
        client.get(local_server.url, json_of)  # the other host is none of the test's own
    assert said == []


def test_who_we_are_is_told_and_nothing_else(local_server):
    local_server.answer = lambda _: GOOD
    client, _, _ = _client()
    client.get(local_server.url, json_of, params={"a": "1"})
    (asked,) = local_server.asked
    assert asked.headers["User-Agent"].startswith("corridors/")
    assert set(asked.headers) <= {
        "Host", "User-Agent", "Accept-Encoding", "Accept", "Connection",
    }  # fmt: skip
    assert asked.query == {"a": ["1"]}
