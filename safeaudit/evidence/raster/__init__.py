"""Evidence from rasters. Table `evidence`."""

from __future__ import annotations

from safeaudit.evidence.raster.values import LIGHT_NW, MEASURES, population_cells, rasters

__all__ = ["LIGHT_NW", "MEASURES", "population_cells", "rasters"]
