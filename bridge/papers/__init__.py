"""Papers to sign and file: what is on them, and a process that makes a PDF of it."""
