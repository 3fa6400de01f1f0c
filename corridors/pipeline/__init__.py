"""Where the stages meet, and nowhere else; no I/O."""

from corridors.pipeline.backtest import make_backtest
from corridors.pipeline.evaluate import Reports, make_evaluation
from corridors.pipeline.fix_areas import Asked, fix_areas
from corridors.pipeline.piece import Piece, Shared, find_piece
from corridors.pipeline.plan import make_plan, plan_piece
from corridors.pipeline.touched import find_touched

__all__ = [
    "Asked",
    "Piece",
    "Reports",
    "Shared",
    "find_piece",
    "find_touched",
    "fix_areas",
    "make_backtest",
    "make_evaluation",
    "make_plan",
    "plan_piece",
]
