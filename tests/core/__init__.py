"""Tests of the core: its rules by table, by property, and by stories told on memory."""
