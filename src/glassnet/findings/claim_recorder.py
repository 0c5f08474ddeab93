"""Claims collected while the sentences that state them are written."""

from glassnet.findings.finding import Claim


class ClaimRecorder:
    """Collect the claims of a finding while its sentences are formatted.

    Calling it with a claim records the claim and returns its formatted value, so that no sentence
    states a number without a claim.

    Example:
        >>> record = ClaimRecorder()
        >>> accuracy = Claim(name="accuracy", value=0.971, formatted="97.1 %", n=1000)
        >>> f"{record(accuracy)} of the images are classified correctly"
        '97.1 % of the images are classified correctly'
        >>> [claim.name for claim in record.claims]
        ['accuracy']
    """

    def __init__(self) -> None:
        self._claims: dict[Claim, None] = {}

    def __call__(self, claim: Claim) -> str:
        """Record a claim and return its formatted value."""
        self._claims[claim] = None
        return claim.formatted

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The recorded claims without duplicates, in the order of their first call."""
        return tuple(self._claims)
