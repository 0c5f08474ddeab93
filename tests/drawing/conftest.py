from __future__ import annotations

import pytest
import synthetic

from glassnet.findings import Finding


@pytest.fixture(params=synthetic.every_kind(), ids=lambda finding: type(finding).__name__)
def finding(request: pytest.FixtureRequest) -> Finding:
    """One finding of every kind that is drawn."""
    return request.param
