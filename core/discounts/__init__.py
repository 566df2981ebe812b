"""What takes money off a line: kinds, scope, windows, and how often each may be used."""
