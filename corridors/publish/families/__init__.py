"""What families get, made from a ``PublicPlan`` and nothing else.

Nothing here may import what knows a weight, a count or a roster: import-linter holds that wall.
"""
