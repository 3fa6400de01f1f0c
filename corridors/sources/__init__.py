"""Readers: the only place where bytes enter."""
