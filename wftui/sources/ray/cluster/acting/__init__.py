"""What a user may do to the workflows of a live cluster: cancel, resume, delete; which of it is allowed, and when."""
