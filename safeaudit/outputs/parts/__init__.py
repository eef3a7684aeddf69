"""What several writers of outputs use."""
