"""The one format of search space, baseline, best values and narrowed space, and its distributions.

What can be wrong with a space is in `toonvision.validation`; cutting one is in `toonvision.narrowing`.
"""
