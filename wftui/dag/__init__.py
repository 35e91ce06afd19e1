"""The drawing engine: pure functions from a graph to text. No Textual, no I/O."""
