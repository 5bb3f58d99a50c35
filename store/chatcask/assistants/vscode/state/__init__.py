"""The rows of `state.vscdb` that matter: read, listed, changed."""
