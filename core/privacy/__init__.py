"""Personal data: what the records hold about a person, and how it is erased."""
