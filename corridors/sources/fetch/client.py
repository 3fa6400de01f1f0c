"""Asking a server politely: what passes is tried again, what does not is told in one line."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests
import tenacity
from urllib3.exceptions import HTTPError, ReadTimeoutError

from corridors import __version__
from corridors.errors import FetchError

AGENT: Final = f"corridors/{__version__} (school corridor planning; offline between fetches)"
BUSY: Final = (429, 502, 503, 504)
_CHUNK: Final = 1 << 16
_LONGEST_WAIT_S: Final = 120.0
_REDIRECTS: Final = 3

Parse = Callable[[bytes], Any]


@dataclass(frozen=True)
class Limits:
    """How long and how much of one answer is taken, and how often it is asked for."""

    attempts: int = 6
    connect_s: float = 20.0
    silence_s: float = 90.0  # without a byte
    whole_s: float = 900.0
    most_bytes: int = 2_000_000_000
    first_wait_s: float = 2.0
    between_s: float = 0.0  # at least so long from one request to the next


class BusyError(FetchError):
    """The server says that it is busy, or that this was too much to ask for at once."""


class TooMuchError(BusyError):
    """The server says 503 to an impatient question: the caller may ask for less at once."""


class NothingThereError(FetchError):
    """The server has no such data (404), such as a month that is not published yet."""


class PassingError(Exception):
    """A fault that may be gone next time; ``wait_s`` is what the server asked for, if it did.

    It never leaves ``Client``, which tries again or says what to do.
    """

    def __init__(self, problem: str, *, wait_s: float | None = None, is_busy: bool = False) -> None:
        super().__init__(problem)
        self.wait_s = wait_s
        self.is_busy = is_busy


class Client:
    """One polite visitor: one request at a time.

    Parameters
    ----------
    tell : takes one calm line a fault, and one for each other host that a server sends us to.
    limits : see there.
    sleep, now : seconds; tests bring their own.
    """

    def __init__(
        self,
        tell: Callable[[str], None],
        limits: Limits | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell = tell
        self.limits = limits or Limits()
        self._sleep = sleep
        self._now = now
        self._last_s: float | None = None
        self._session = requests.Session()
        self._session.max_redirects = _REDIRECTS
        self._session.headers["User-Agent"] = AGENT

    def get(self, url: str, parse: Parse, *, params: Mapping[str, str] | None = None) -> Any:
        """What ``parse`` makes of the answer's bytes.

        Parameters
        ----------
        parse : raises ValueError, in words that go after "the answer …", for what is not what was
            asked for; that counts as a fault of the moment.

        Raises
        ------
        NothingThereError
            For 404.
        BusyError
            If the server is busy at every attempt.
        FetchError
            If it refuses, or if nothing usable came at any attempt.
        """
        return self._ask("GET", url, parse, {"params": params}, patient=True)

    def get_file(
        self, url: str, parse: Callable[[Path], Any], *, params: Mapping[str, str] | None = None
    ) -> Any:
        """The same for an answer that is too large for memory.

        Parameters
        ----------
        parse : is handed a private file, which is gone afterwards.
        """
        with tempfile.TemporaryDirectory(prefix="corridors-") as folder:
            place = Path(folder) / "answer"
            return self._ask(
                "GET", url, parse, {"params": params}, patient=True,
                keep=lambda chunks: _spooled(chunks, place),
            )  # fmt: skip

    def post(self, url: str, parse: Parse, *, data: Mapping[str, str], patient: bool = True) -> Any:
        """The same for a question that is too long for an address.

        Parameters
        ----------
        patient : False raises ``TooMuchError`` at the first 503; the caller asks for less.
        """
        return self._ask("POST", url, parse, {"data": data}, patient=patient)

    def patiently(self, host: str, attempt: Callable[[], Any]) -> Any:
        """What ``attempt`` returns; it is tried again after faults of the moment.

        Parameters
        ----------
        host : its name in the lines that tell of faults.
        attempt : asks once. ``PassingError`` and what requests raises count as faults of the
            moment; all else ends it.

        Raises
        ------
        BusyError, FetchError
            As for ``get``.
        """
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(PassingError),
            stop=tenacity.stop_after_attempt(self.limits.attempts),
            wait=self._wait_s,
            sleep=self._sleep,
            before_sleep=lambda state: self._tell(_again(host, state)),
            reraise=True,
        )
        try:
            return retrying(self._try, host, attempt)
        except PassingError as fault:
            kind = BusyError if fault.is_busy else FetchError
            raise kind(
                f"{host}: {fault}, after {self.limits.attempts} attempts",
                fix="Try again later; what was fetched before stays as it is",
            ) from fault

    def body_of(self, answer: requests.Response, host: str, *, patient: bool = True) -> bytes:
        """All bytes of an answer of which only the head was read so far.

        Raises
        ------
        PassingError, BusyError, NothingThereError, FetchError
            For a status other than 200, and for too many bytes or too slow ones.
        requests.RequestException
            For fewer bytes than were promised.
        """
        return b"".join(self._checked(answer, host, patient=patient))

    def _ask(
        self, method: str, url: str, parse: Callable[[Any], Any], more: Mapping[str, Any], *,
        patient: bool, keep: Callable[[Iterable[bytes]], Any] = b"".join,
    ) -> Any:  # fmt: skip
        host = urlsplit(url).hostname or url
        return self.patiently(
            host, lambda: self._once(method, url, parse, more, patient=patient, keep=keep)
        )

    def _checked(self, answer: requests.Response, host: str, *, patient: bool) -> Iterator[bytes]:
        """The bytes of an answer that is one."""
        self._tell_redirect(host, answer)
        _refuse(answer, host, patient=patient)
        return self._chunks(answer)

    def _try(self, host: str, attempt: Callable[[], Any]) -> Any:
        self._keep_distance()
        try:
            return attempt()
        except requests.TooManyRedirects as error:
            raise FetchError(f"{host} sends us from one address to the next") from error
        except requests.RequestException as error:
            raise PassingError(_in_words(error)) from error

    def _once(
        self, method: str, url: str, parse: Callable[[Any], Any], more: Mapping[str, Any], *,
        patient: bool, keep: Callable[[Iterable[bytes]], Any],
    ) -> Any:  # fmt: skip
        host = urlsplit(url).hostname or url
        with self._session.request(
            method, url, stream=True,
            timeout=(self.limits.connect_s, self.limits.silence_s), **more,
        ) as answer:  # fmt: skip
            kept = keep(self._checked(answer, host, patient=patient))
        try:
            return parse(kept)
        except ValueError as error:
            raise PassingError(f"the answer {error}") from error

    def _keep_distance(self) -> None:
        if self._last_s is not None:
            early_s = self._last_s + self.limits.between_s - self._now()
            if early_s > 0:
                self._sleep(early_s)
        self._last_s = self._now()

    def _tell_redirect(self, host: str, answer: requests.Response) -> None:
        other = urlsplit(answer.url).hostname
        if other and other != host:
            self._tell(f"{host} sent us to {other}, which now knows the same")

    def _chunks(self, answer: requests.Response) -> Iterator[bytes]:
        """All bytes, or a fault: too many, too slow, or fewer than were promised."""
        until_s = self._now() + self.limits.whole_s
        taken = 0
        for chunk in _arriving(answer):
            taken += len(chunk)
            if taken > self.limits.most_bytes:
                raise FetchError(
                    f"the answer has more than {self.limits.most_bytes:,} bytes",
                    fix="Ask for a smaller area, or carry the file in",
                )
            if self._now() > until_s:
                raise PassingError("the answer came too slowly")
            yield chunk

    def _wait_s(self, state: tenacity.RetryCallState) -> float:
        fault = state.outcome.exception() if state.outcome else None
        asked_s = fault.wait_s if isinstance(fault, PassingError) else None
        usual_s = self.limits.first_wait_s * 2.0 ** (state.attempt_number - 1)
        return min(max(asked_s or 0.0, usual_s), _LONGEST_WAIT_S)


def json_of(body: bytes) -> Any:
    """Parsed JSON.

    Raises
    ------
    ValueError
        If it is a page of HTML, or no JSON.
    """
    refuse_page(body)
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError("is not whole JSON") from error


def refuse_page(body: bytes) -> None:
    """Raise ValueError for an HTML page, as servers and proxies send in place of data."""
    start = body[:300].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise ValueError("is a web page, not data")


def _arriving(answer: requests.Response) -> Iterator[bytes]:
    """Bytes as they come. requests itself waits for whole chunks, and so with a slow drip."""
    try:
        while chunk := answer.raw.read1(_CHUNK, decode_content=True):
            yield chunk
    except ReadTimeoutError as error:
        raise requests.ReadTimeout(error) from error
    except HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from error


def _spooled(chunks: Iterable[bytes], place: Path) -> Path:
    with place.open("wb") as out:
        out.writelines(chunks)
    return place


def _refuse(answer: requests.Response, host: str, *, patient: bool) -> None:
    status = answer.status_code
    if status in BUSY:
        if status == 503 and not patient:
            raise TooMuchError(f"{host} is busy, or this is too much at once (503)")
        raise PassingError(f"it is busy ({status})", wait_s=_asked_s(answer), is_busy=True)
    if status == 404:
        raise NothingThereError(f"{host} has no such data (404)")
    if status >= 500:
        raise PassingError(f"it has an error of its own ({status})")
    if status != 200:
        raise FetchError(
            f"{host} refuses the question ({status})",
            fix="Check [fetch] in corridors.toml; a proxy on the way may also say so",
        )


def _asked_s(answer: requests.Response) -> float | None:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None


def _again(host: str, state: tenacity.RetryCallState) -> str:
    fault = state.outcome.exception() if state.outcome else None
    wait_s = state.next_action.sleep if state.next_action else 0.0
    return f"{host}: {fault}. Trying again in {wait_s:.0f} s"


def _in_words(error: requests.RequestException) -> str:
    if isinstance(error, requests.ConnectTimeout):
        return "it does not answer"
    if isinstance(error, requests.Timeout):
        return "it fell silent"
    if isinstance(error, (requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        return "the connection was cut or refused"
    return "the answer could not be read"
