"""What the map and the rasters say about every place. Evidence is never an audit. Table `evidence`."""
