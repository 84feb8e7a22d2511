"""REST: datasets, pictures, sets, imports, protocols, alignment; urls.py gives them their addresses."""
