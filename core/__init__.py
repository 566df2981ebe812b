"""The shop in plain Python: its words, its rules, and the ports it asks the world through."""
