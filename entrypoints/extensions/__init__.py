"""Extensions: their API, and how they are found, checked and opened."""
