"""Storage shared by all requests: row mapping, paging, caching, deletion in slices and times."""
