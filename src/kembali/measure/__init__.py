"""Comparing groups: did it make anyone come back? Judges what `experiments` assigned; sends and changes nothing."""
