"""Write the fictional demo wards into the repository: ``python scripts/make_demo.py``."""

from __future__ import annotations

from pathlib import Path

from corridors import demo

if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent
    for name, content in demo.files().items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        print(f"{name}: {len(content):,} bytes")
