"""The observer: an actor of ours in a cluster that this machine is no node of, how it gets there and what it tells.

What it carries out is in `near/`; the driver carries out the same where it is on a node of the cluster.
"""
