"""Object stores as stores: `store` is what readers see, `url` how one is named, the rest how each service is asked."""
