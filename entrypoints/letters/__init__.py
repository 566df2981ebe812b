"""The shop's letters: composed from stored facts when they are sent, in the words of its pages."""
