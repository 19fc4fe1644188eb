"""Derives the next search space from the trials of a search, with the evidence for every cut.

`peeling.narrow_space` is the entry point, `rank_statistic` the test. Writing the space is the task of
`toonvision.report`.
"""
