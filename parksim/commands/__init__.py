"""The commands, by what they are about; each is a thin skin over a call of the library."""
