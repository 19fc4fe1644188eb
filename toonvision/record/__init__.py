"""The record of a run, its state and its results, and resuming and warm-starting from it.

Searching is in `toonvision.search`; writing files from results is in `toonvision.report`.
"""
