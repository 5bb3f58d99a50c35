"""A fictional editor folder, for `chatcask demo` and for tests."""
