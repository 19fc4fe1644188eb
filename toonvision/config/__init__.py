"""Composing with Hydra, resolving for one trial, the allowlist of targets, and signatures read from source.

Whether a configuration makes sense is decided in `toonvision.validation`.
"""
