"""Redis and MongoDB: keys, scripts, repositories, indexes and the embedded servers."""
