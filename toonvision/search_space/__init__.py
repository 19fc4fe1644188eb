"""The format of search spaces, baselines and best values, and its distributions.

`toonvision.validation` checks a space, and `toonvision.narrowing` cuts one.
"""
