"""Questions asked of a park beyond its one answer: what if, how large, what is it worth, why."""
