"""How the command talks: the application, options, output, pipes, progress, exit codes."""
