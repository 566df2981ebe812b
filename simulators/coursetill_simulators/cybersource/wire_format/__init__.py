"""CyberSource's formats: amounts, cards, times, bodies and refusals."""
