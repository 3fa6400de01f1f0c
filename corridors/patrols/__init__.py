"""Routes for teams, an upper bound, and an independent check."""
