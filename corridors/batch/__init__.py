"""Many wards at once: pieces of boroughs in files, planned by any engine (decision 9)."""
