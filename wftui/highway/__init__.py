"""Highway definitions: the format in which workflows of Absurd are written down. Pure; below sources and drawings."""
