"""The commands of `veinway`: thin, one module per room."""
