"""The search loop, pruning, rounds, finalists and the path from the baseline to the chosen values.

What runs in a worker is in `toonvision.training`.
"""
