"""Pure view models: what is shown, and how foreign text is made harmless on its way to a terminal."""
