"""One workspace's inputs as one checksummed file, for a machine without network."""

from corridors.sources.bundle.making import MadeBundle, make_bundle
from corridors.sources.bundle.opening import OpenedBundle, open_bundle

__all__ = ["MadeBundle", "OpenedBundle", "make_bundle", "open_bundle"]
