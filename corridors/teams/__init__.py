"""Aims, mixes, consent and the week's roster."""
