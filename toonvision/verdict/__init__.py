"""Statistics of the tuned models against the baseline on the test set.

Predictions, scores, intervals, tests and looks at the test set live here; what a task measures, training and reports do
not.
"""

from toonvision.verdict.judge import Judge, Role
from toonvision.verdict.judgement import measured, reach_verdict
from toonvision.verdict.verdict import Cost, Kind, Measure, Scores, Verdict
from toonvision.verdict.words import in_words, sentences

__all__ = [
    "Cost",
    "Judge",
    "Kind",
    "Measure",
    "Role",
    "Scores",
    "Verdict",
    "in_words",
    "measured",
    "reach_verdict",
    "sentences",
]
