"""Checking a search space before the search: which models cannot be built, and what the others would cost.

`examination` is the entry point. `finding` holds the results, and does not import Keras.
"""
