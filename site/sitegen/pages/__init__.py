"""What each kind of page says, as frozen values; one module per kind. Templates only lay them out."""
