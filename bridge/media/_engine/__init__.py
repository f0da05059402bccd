"""The C core of the native engine, where the package could be built with it."""
