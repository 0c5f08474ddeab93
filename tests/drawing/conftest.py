import pytest
import synthetic


@pytest.fixture(params=synthetic.every_kind(), ids=lambda finding: type(finding).__name__)
def finding(request):
    """One finding of every kind that is drawn."""
    return request.param
