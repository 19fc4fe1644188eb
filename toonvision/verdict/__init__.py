"""Statistics of the tuned models against the baseline on the test set.

Predictions, scores, intervals, tests and looks at the test set live here; training and reports do not.
"""

from toonvision.verdict.judgement import Predictions, reach_verdict
from toonvision.verdict.verdict import Cost, Measure, Scores, Verdict
from toonvision.verdict.words import in_words, sentences

__all__ = ["Cost", "Measure", "Predictions", "Scores", "Verdict", "in_words", "reach_verdict", "sentences"]
