"""How a long run tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], None]  # stage name, share of all work done, 0-1
