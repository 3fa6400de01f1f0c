"""How ward codes, weeks and quarters are written, where they may name a file or a folder."""

from __future__ import annotations

import re
from typing import Final

WARD: Final = re.compile(r"[EWSN][0-9]{8}")
WEEK: Final = re.compile(r"([0-9]{4})-W([0-9]{2})")
QUARTER: Final = re.compile(r"([0-9]{4})-Q([1-4])")
# What packs have said so far: written by `publish-pack`, carried by a bundle.
PUBLISHED: Final = "log/published_OS.json"
