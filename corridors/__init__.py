"""Plan Safer Corridors: who walks with pupils after school, where, when and why."""

__version__ = "0.1.0"
