"""Tables -> files: one file per format. Public ones accept what `publish` let through, and nothing else."""
