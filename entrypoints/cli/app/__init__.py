"""The frame of the command line: groups, options, context and failures."""
