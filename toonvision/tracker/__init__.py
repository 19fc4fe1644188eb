"""Trackers: observers (see `toonvision.record.observer`) that send a run elsewhere, one module for each.

The record of a run is not here; its directory stays the truth.
"""
