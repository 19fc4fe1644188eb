"""Where else a run is kept, beside its directory: observers (see `toonvision.observer`), one file a tracker."""
