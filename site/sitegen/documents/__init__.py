"""What the site says in JSON, as frozen values; the published schemas are generated from these types."""
