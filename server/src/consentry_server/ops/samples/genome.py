"""A genotype file as consumer tests give it, but of nobody."""

from datetime import date

from consentry_server.ops.samples.sample import Sample, described, dice

CHROMOSOMES = [str(number) for number in range(1, 23)] + ["X", "MT"]
HEAD = """# SYNTHETIC DATA, generated for a demonstration.
# This is nobody's genome, and the rsids name no variants.
#
# We are using reference human assembly build 37. Genotype calls are given on the forward strand.
#
# rsid\tchromosome\tposition\tgenotype
"""
FIRST_RSID = 9_900_000_000  # beyond what has been given out


def genotype(seed: str, day: date, *, variants: int = 9000) -> Sample:
    """Return a tab-separated file with a line for each variant."""
    random = dice("genotype", seed)
    lines, position = [HEAD], 0
    for nth in range(variants):
        chromosome = CHROMOSOMES[nth * len(CHROMOSOMES) // variants]
        new = nth == 0 or chromosome != CHROMOSOMES[(nth - 1) * len(CHROMOSOMES) // variants]
        position = (
            random.randint(1, 900) if new else position + random.randint(1, 40 if chromosome == "MT" else 600_000)
        )
        call = "".join(sorted(random.choices("ACGT", k=1 if chromosome == "MT" else 2)))
        call = "--" if random.random() < 0.01 else call
        lines.append(f"rs{FIRST_RSID + nth * 7}\t{chromosome}\t{position}\t{call}\n")
    return described(
        "genotype.txt",
        "".join(lines).encode(),
        about="Genotypes as my test gave them (synthetic)",
        tags=["genome", "genotype", "tsv"],
        first=day,
        last=day,
    )
