"""Fetching: the only part of the package that uses the network, and only when told to.

It brings files into the workspace; readers read those and never know where they came from.
"""
