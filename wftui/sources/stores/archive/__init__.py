"""Archives as stores: `store` is what readers see, `bounds` how much is looked at, the rest how each format is read."""
