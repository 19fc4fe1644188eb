"""The search loop, pruning, rounds, finalists, the path from the baseline to the chosen values, and their comparison.

What runs in a worker is in `toonvision.training`.
"""
