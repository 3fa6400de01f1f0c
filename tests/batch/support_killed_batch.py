"""A batch in a process of its own, whose unit may kill it: a program.

CORRIDORS_TEST_KILL="WARD TIMES FOLDER" python support_killed_batch.py WORKSPACE
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]

if __name__ == "__main__":
    from support_batch import begin

    begin(Path(sys.argv[1]))
