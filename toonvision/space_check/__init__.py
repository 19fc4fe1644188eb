"""Checking a search space before the search: which values cannot be built, and what the others would cost.

`examination` does it, and is the only entry; `finding` holds what it finds, and can be imported without Keras.
"""
