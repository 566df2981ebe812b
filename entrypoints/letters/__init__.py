"""Letters to learners, composed from stored facts at the moment of sending."""
