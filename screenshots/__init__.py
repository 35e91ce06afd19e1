"""How the pictures of the README are made, and they themselves."""
