"""A workspace of two towns, and the same after a batch of units that plan nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support_batch import begin, two_towns


@pytest.fixture(scope="session")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Never planned; do not write there."""
    return two_towns(tmp_path_factory.mktemp("towns") / "ws")


@pytest.fixture(scope="session")
def batched(towns: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """After a batch; do not write there."""
    root = tmp_path_factory.mktemp("batched") / "ws"
    shutil.copytree(towns, root)
    begin(root)
    return root


@pytest.fixture
def copy(tmp_path: Path) -> Callable[[Path], Path]:
    """A copy of a workspace to write in."""
    return lambda root: Path(shutil.copytree(root, tmp_path / "ws"))
