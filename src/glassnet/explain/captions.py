"""Captions of figures in files of their own: as plain text, and as a figure of LaTeX."""

from __future__ import annotations

from pathlib import Path

from glassnet import atomic
from glassnet.explain.figure_data import escaped
from glassnet.findings import Finding, Table
from glassnet.visible import all_visible


def write(finding: Finding, folder: Path) -> None:
    """Write a finding's title and summary as `NAME.txt`, and with its figure as `NAME.tex`.

    The `.tex` file of a table is the table itself, which `figure_data` writes.

    Raises:
        StorageError: the folder cannot be written to.
    """
    title, summary = all_visible([finding.title, finding.summary])
    atomic.write(folder / f"{finding.name}.txt", f"{title}\n\n{summary}\n")
    if not isinstance(finding, Table):
        atomic.write(folder / f"{finding.name}.tex", latex(finding))


def latex(finding: Finding) -> str:
    """A figure for LaTeX (package graphicx) with its caption and a label.

    The figure has its natural size: it was drawn as wide as it shall be printed.

    Example:
        >>> from glassnet.findings import Provenance
        >>> provenance = Provenance(run="", checkpoint="", split="", n=0, seed=None, command="")
        >>> print(latex(Finding(name="tsne", section="layers", title="t-SNE of pool_2",
        ...     summary="90 % lie apart.", provenance=provenance)))
        % In the preamble: \\usepackage{graphicx} and \\graphicspath{{folder of this file/}}
        \\begin{figure}
          \\centering
          \\includegraphics{tsne}
          \\caption{t-SNE of pool\\_2. 90 \\% lie apart.}
          \\label{fig:tsne}
        \\end{figure}
        <BLANKLINE>
    """
    title, summary = all_visible([finding.title, finding.summary])
    end = "" if title.endswith((".", "!", "?")) else "."
    caption = " ".join(f"{title}{end} {summary}".split())
    return "\n".join(
        [
            r"% In the preamble: \usepackage{graphicx} and \graphicspath{{folder of this file/}}",
            r"\begin{figure}",
            r"  \centering",
            rf"  \includegraphics{{{finding.name}}}",
            rf"  \caption{{{escaped(caption)}}}",
            rf"  \label{{fig:{finding.name}}}",
            r"\end{figure}",
            "",
        ]
    )
