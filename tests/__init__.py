"""Tests mirror the package; worlds.py has worlds small enough to solve by hand."""
