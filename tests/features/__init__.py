"""The shop in its own words, told to the core, over HTTP and by command."""
