"""Generate the static site from a CatalogView."""
