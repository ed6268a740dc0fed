"""Files as people have them, generated: the same seed gives the same bytes."""

from consentry_server.ops.samples.archive import activity_archive
from consentry_server.ops.samples.genome import genotype
from consentry_server.ops.samples.own import lake, note, weight
from consentry_server.ops.samples.places import track
from consentry_server.ops.samples.sample import Sample
from consentry_server.ops.samples.wearable import heart_rate, sleep, steps

__all__ = ["Sample", "activity_archive", "genotype", "heart_rate", "lake", "note", "sleep", "steps", "track", "weight"]
