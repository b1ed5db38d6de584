"""A publisher's page into one of the same shape whose words are ours: what a case may hold. Pure, no I/O."""
