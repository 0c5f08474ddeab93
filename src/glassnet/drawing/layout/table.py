"""Layout of tables: formatted cells, and which columns are numeric."""

from glassnet.findings import Cell, Interval, Table, minus_signs

EMPTY = "–"


def format_cells(finding: Table) -> list[list[str]]:
    """Format each cell with its column's format; None becomes a dash.

    A format that does not suit its cell (text in a column of numbers) leaves the cell unchanged.
    """
    return [
        [_format_cell(cell, spec) for cell, spec in zip(row, finding.formats, strict=True)]
        for row in finding.rows
    ]


def numeric_columns(finding: Table) -> list[bool]:
    """List for each column whether it holds numbers, with or without missing cells."""
    columns = zip(*finding.rows, strict=True) if finding.rows else ((),) * len(finding.columns)
    return [
        all(cell is None or isinstance(cell, int | float) for cell in column)
        and any(cell is not None for cell in column)
        for column in columns
    ]


def sort_value(cell: Cell) -> str | float | None:
    """What a table is sorted by: an interval by its number, or else by its lower end."""
    if isinstance(cell, Interval):
        return cell.low if cell.value is None else cell.value
    return cell


def _format_cell(cell: Cell, spec: str) -> str:
    if cell is None:
        return EMPTY
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Interval):
        ends = minus_signs(f"{format(cell.low, spec)} to {format(cell.high, spec)}")
        return ends if cell.value is None else f"{_format_cell(cell.value, spec)} ({ends})"
    return minus_signs(format(cell, spec))
