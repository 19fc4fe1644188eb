"""The verdict on the test set: how many errors each role's models make, how sure that is, and what they cost."""

from toonvision.verdict.judgement import Predictions, reach_verdict
from toonvision.verdict.verdict import Cost, Measure, Scores, Verdict
from toonvision.verdict.words import in_words

__all__ = ["Cost", "Measure", "Predictions", "Scores", "Verdict", "in_words", "reach_verdict"]
