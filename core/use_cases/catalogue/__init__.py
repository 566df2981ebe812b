"""Importing a catalogue, and editing one product."""
