"""Draws the pictures of the embedded dataset `cogs` from a seed.

Loading and caching them is in `toonvision.dataset.cogs`.
"""
