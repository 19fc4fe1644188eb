"""The page `index.html`: a run as one file that opens from disk and fetches nothing.

The other reports of a run are in `toonvision.report`.
"""

from toonvision.report.page.page import write

__all__ = ["write"]
