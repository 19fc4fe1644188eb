"""Everything that can be wrong with a configuration.

The format of the configuration is in `toonvision.config`.
"""
