"""Where else a run is kept, beside its directory: observers (see `toonvision.record.observer`), one file a tracker."""
