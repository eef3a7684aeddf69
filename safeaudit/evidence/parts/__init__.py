"""What several kinds of evidence use."""
