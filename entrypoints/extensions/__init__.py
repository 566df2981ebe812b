"""Extensions: what one is, how it is found, checked and opened."""
