"""From bytes to a table of text cells: what kind of file it is, where its rows are, which column each cell belongs to."""
