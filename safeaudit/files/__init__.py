"""Files: what comes in is admitted, what goes out is staged."""
