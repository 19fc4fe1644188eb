"""A trial, its outcome, its history, the objective and the budget, as data.

Running a trial is in `toonvision.training`; storing one is in `toonvision.record`.
"""
