"""How many shards there may be."""

SHARDS = 16
"""How many there are where nobody says."""

MOST_SHARDS = 99_999
