"""A live Ray cluster: what the workflow manager holds in memory, over what its storage holds.

The Ray driver lives in a child process of ours (`driver.py`, reached through `link.py`), because Ray's core worker ends
its process a minute after the cluster went away, takes over signals, and prints.
"""
