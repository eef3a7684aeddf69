"""Evidence from rasters. Table `evidence`."""

from __future__ import annotations

from safeaudit.evidence.raster.values import MEASURES, check_rasters, population_cells, rasters

__all__ = ["MEASURES", "check_rasters", "population_cells", "rasters"]
