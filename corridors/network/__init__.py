"""Streets as a walking network, school gates, and how pupils walk over it."""
