"""Policy profiles as data."""
