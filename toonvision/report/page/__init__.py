"""`index.html`: a run as one page that opens from disk, with nothing to fetch."""

from toonvision.report.page.page import write

__all__ = ["write"]
