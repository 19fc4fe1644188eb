"""Run the command line as `python -m toonvision`, for example where no script is installed."""

import sys

from toonvision.cli import main

sys.exit(main())
