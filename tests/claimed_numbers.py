"""Whether the numbers in a finding's sentences have claims, by their decimals."""

import re

from glassnet.findings import Finding

DECIMAL = re.compile(r"\d[\d,]*\.\d+")


def unclaimed_decimals(finding: Finding) -> list[str]:
    """The numbers with decimals in title and summary that no claim has formatted."""
    formatted = " ".join(claim.formatted for claim in finding.claims)
    return [
        number
        for number in DECIMAL.findall(f"{finding.title} {finding.summary}")
        if number not in formatted
    ]


def claimed_values(finding: Finding) -> dict[str, float]:
    """The value of each claim, by its name."""
    return {claim.name: claim.value for claim in finding.claims}
