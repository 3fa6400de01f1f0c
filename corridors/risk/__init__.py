"""Incident time, density on streets, corridors."""
