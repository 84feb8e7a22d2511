"""The tables of papers: their columns, their rows, and how they are written out."""
