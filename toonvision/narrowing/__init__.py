"""Narrowing a search space by what its trials have shown, with the evidence for every cut.

`peeling.narrow_space` does it, from plain data to plain data; `evidence` holds what it finds, `depletion` is the test,
`entry` the arithmetic on entries, `importance` Optuna's view of the same trials.
"""
