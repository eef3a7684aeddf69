"""What the map or a raster says about every place; one file per kind of evidence. Never an audit."""
