"""Program, preview and run of show. Pure, same shape as ``floor``."""
