"""The Ray demonstration: a cluster in a temporary folder with workflows in every state, and a recorded storage."""
