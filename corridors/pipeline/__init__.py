"""Where the stages meet, and nowhere else; no I/O."""

from corridors.pipeline.backtest import make_backtest
from corridors.pipeline.piece import Piece, Shared, find_piece
from corridors.pipeline.plan import make_plan, plan_piece

__all__ = ["Piece", "Shared", "find_piece", "make_backtest", "make_plan", "plan_piece"]
