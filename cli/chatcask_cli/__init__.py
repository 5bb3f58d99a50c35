"""The `chatcask` command. Printing, exit codes, environment and clock look-ups of the project are here."""
