"""Tables on the screen."""

from typing import Any

from glassnet.drawing.layout import table
from glassnet.findings import Table


def view(finding: Table) -> dict[str, Any]:
    """Give the columns, and each cell as text and as the value that it is sorted by."""
    return {
        "columns": [
            {"name": name, "numeric": numeric}
            for name, numeric in zip(finding.columns, table.numeric_columns(finding), strict=True)
        ],
        "rows": [
            [
                {"formatted": formatted, "sort_value": table.sort_value(cell)}
                for formatted, cell in zip(formatted_row, row, strict=True)
            ]
            for formatted_row, row in zip(table.format_cells(finding), finding.rows, strict=True)
        ],
    }
