"""Sentences and their records, made together, so that the two cannot come apart."""

from __future__ import annotations

from glassnet.findings.finding import Claim


class ClaimRecorder:
    """The claims of a finding, noted while its sentences are written.

    Called with a claim, it notes it and gives the words that stand in the sentence.

    Example:
        >>> told = Told()
        >>> f"{told(Claim(what='accuracy', value=0.971, words='97.1 %', n=1000))} are right"
        '97.1 % are right'
        >>> [claim.what for claim in told.claims]
        ['accuracy']
    """

    def __init__(self) -> None:
        self._claims: dict[Claim, None] = {}

    def __call__(self, claim: Claim) -> str:
        """Note a claim and give its words."""
        self._claims[claim] = None
        return claim.words

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What was told, in that order and each once."""
        return tuple(self._claims)
