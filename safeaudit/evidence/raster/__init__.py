"""Evidence from rasters. Table `evidence`."""

from __future__ import annotations

from safeaudit.evidence.raster.values import MEASURES, check_rasters, find_evidence, population_cells

__all__ = ["MEASURES", "check_rasters", "find_evidence", "population_cells"]
