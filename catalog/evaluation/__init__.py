"""How right the classifier is: labels made by people, an independent yardstick, and what both say of the verdicts."""
