"""What somebody fills in on a page, one file a form: read from the address or the request, checked, and shown again."""
