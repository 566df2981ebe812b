"""Actions of staff on one order."""
