"""Run the command line as `python -m toonvision`, for example where no script is installed."""

import sys
from pathlib import Path

if Path(sys.path[0] or ".").resolve() == Path.cwd():
    del sys.path[0]  # Python put the working directory there, from which Hydra would import any `hydra_plugins`

from toonvision.cli import main

sys.exit(main())
