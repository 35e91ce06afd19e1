"""Layouts are made here, off the thread of the interface: a usable one at once, then the best one."""
