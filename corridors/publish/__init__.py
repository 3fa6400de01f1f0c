"""Writers: the only place where bytes leave."""
