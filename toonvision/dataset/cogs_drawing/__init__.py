"""Draws the pictures of the embedded dataset `cogs` from a seed.

`toonvision.dataset.cogs` loads and caches them.
"""
