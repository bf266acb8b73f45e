"""`make bench`: how fast the rooms are, as ratios to the limit and to peers measured in the same run. Never a test."""
