"""The demo's catalogue, as a CSV file to import."""

from pathlib import Path

DEMO_CATALOGUE = Path(__file__).with_name("catalogue.csv")
"""CSV in UTF-8 with the columns of `coursetill catalogue import`."""
