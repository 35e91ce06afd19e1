"""The command line: one command a file. The contract is in the README; see `main` for the dispatch."""
