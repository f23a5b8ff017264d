"""Ratios against a named peer, each measured in one run. `python -m benchmarks` runs them all."""
