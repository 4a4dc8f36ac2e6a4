"""The statistics behind Proof, one concern per file. Pure: no I/O, no clock; randomness is an argument.

shares (two proportions) · rerandomise (counts and money) · ratio (are the groups whole?) · compare (all of these at
once) · power (before launch) · pace (how much longer) · verdict (in words).
"""
