"""Where the stages meet, and nowhere else; no I/O."""

from corridors.pipeline.backtest import make_backtest
from corridors.pipeline.plan import make_plan

__all__ = ["make_backtest", "make_plan"]
