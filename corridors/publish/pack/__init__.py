"""The publication pack, made from a ``PublicPack`` and nothing else.

Nothing here may import what knows a count, a weight or a person: import-linter holds that wall.
"""

from corridors.publish.pack.bundle import pack_files, write_pack
from corridors.publish.pack.standard import (
    DataSource,
    TransparencyFacts,
    transparency_fields,
)

__all__ = ["DataSource", "TransparencyFacts", "pack_files", "transparency_fields", "write_pack"]
