"""Work that the clock starts: maintenance and delivery of events."""
