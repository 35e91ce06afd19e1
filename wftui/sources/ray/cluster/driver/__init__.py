"""The Ray driver, a process of ours, and the pipe to it. What it is asked for near the data is in `near/`."""
