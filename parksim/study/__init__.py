"""Studies: many what-ifs of one park, planned, checked, ordered, solved and kept."""
