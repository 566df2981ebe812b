"""The commands: one module for each group or single command."""
