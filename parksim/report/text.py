def text(ds,summary=None): return ""
