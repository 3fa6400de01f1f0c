"""Functions that numba compiles at their first call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function, *, is_inner: bool = False) -> _Function:
    """The same function, compiled; kept on disk where there is room for it.

    Where neither the package nor the user's cache can be written to, each run compiles anew.
    """
    options: dict[str, Any] = {"no_cpython_wrapper": is_inner, "no_cfunc_wrapper": True}
    try:
        return njit(function, cache=True, **options)
    except RuntimeError:
        return njit(function, **options)


def inner(function: _Function) -> _Function:
    """One that compiled functions alone call: it takes less time to compile."""
    return compiled(function, is_inner=True)
