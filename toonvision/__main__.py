"""`python -m toonvision`: the command line, where no script is installed."""

import sys

from toonvision.cli import main

sys.exit(main())
