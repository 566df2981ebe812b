"""How CyberSource writes things: amounts, cards, moments, bodies and refusals."""
