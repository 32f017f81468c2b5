"""What was built and from what: a small SQLite database beside the site, which makes the next build a small one."""
