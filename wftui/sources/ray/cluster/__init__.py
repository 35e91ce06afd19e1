"""A live Ray cluster: what the workflow manager holds in memory, over what its storage holds.

The Ray driver lives in a child process of ours (`driver/`), because Ray's core worker ends its process a minute after
the cluster went away, takes over signals, and prints. What is asked of a cluster is carried out there, or by an actor
of ours inside the cluster (`observer/`); the operations themselves are in `near/`. `source.py` puts it together: rows
and details out of memory (`memory.py`), storage (`place.py`, `stored.py`) and Ray's own tasks (`places.py`).
"""
