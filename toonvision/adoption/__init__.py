"""Options for an existing KerasTuner `build(hp)` function or `HyperModel`: its search space, and the values to beat.

The hypermodel is run to see for which hyperparameters it asks. Training it lives in `toonvision.training.adopted`.
"""
