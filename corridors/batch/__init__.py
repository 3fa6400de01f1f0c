"""Many wards: each a unit of its own, on any engine, with the same bytes."""
