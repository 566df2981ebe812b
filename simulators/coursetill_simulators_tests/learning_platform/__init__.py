"""Tests of the learning platform simulator."""
