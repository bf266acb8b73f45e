"""Documents of a standard, or our own: from nested values to the rows of a feed, by an adapter."""
