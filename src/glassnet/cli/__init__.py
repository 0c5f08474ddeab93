"""The command line: one file a command, each loaded when it is asked for.

Results go to stdout, progress and notes to stderr. Exit codes: 0 done, 1 failed, 2 bad usage or bad
input, 130 interrupted. An error is two lines: what is wrong and where; what to do next.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from glassnet import parallel
from glassnet.cli.options import SuggestingGroup
from glassnet.errors import GlassnetError

COMMANDS = {
    "train": "Train a network, evaluate it, and look into it.",
    "runs": "List the runs.",
    "show": "Show one run's numbers.",
    "evaluate": "Measure a run on its test set.",
    "explain": "See what each layer has learned: findings and figures.",
    "report": "Write one HTML file about one or more runs.",
    "predict": "Ask the network about images or texts.",
    "generate": "Make up images.",
    "export": "Write the network as one ONNX file, checked against it.",
    "data": "List, show and check data sets, built-in or one's own.",
    "demo": "Do all of it once: data, training, figures, report.",
}
"""Command -> what it does; the file `cli/NAME.py` holds it as `command`."""

EXAMPLES = """\b
Examples:
  glassnet demo                                 all of it, in a few minutes
  glassnet train cnn                            MNIST, the default preset
  glassnet train cnn --preset paper --seed 1    the reference configuration
  glassnet explain RUN --layers conv1,pool2     look at other layers
  glassnet predict RUN digit.png                ask the network
  glassnet export RUN --out digits.onnx         take it home
  glassnet train vae --latent-dim 2             a generator with a map of all it can draw
  glassnet generate RUN --out samples.png       have it draw
  glassnet train lstm                           a reader of texts: film snippets
  glassnet explain RUN --text "never dull"       what each word does to its answer
"""


class Commands(SuggestingGroup):
    """Knows every command's name and purpose without loading it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of a first visit."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command's file."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"glassnet.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List names and purposes without loading the commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=Commands,
    help="Train small neural networks and see what each layer has learned.",
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="glassnet", message="glassnet %(version)s")
def glassnet() -> None:
    """The group of all commands."""


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit with its code."""
    parallel.limit_libraries()
    try:
        code = 0
        words = list(sys.argv[1:] if args is None else args)
        with glassnet.make_context("glassnet", words) as context:
            glassnet.invoke(context)
        sys.stdout.flush()
    except GlassnetError as error:
        code = _fail(error.message, error.hint, error.exit_code)
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        code = 2
    except click.UsageError as error:
        code = _fail(_first_line(error), _hint(error), 2)
    except click.ClickException as error:
        code = _fail(_first_line(error), "see glassnet --help", 2)
    except (KeyboardInterrupt, click.Abort):
        code = _fail("interrupted", "nothing more was written", 130)
    except BrokenPipeError:  # the reader of our output has gone, as in `glassnet runs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
        code = 0
    except Exception as error:  # a defect of ours: still two lines, unless asked
        if os.environ.get("GLASSNET_DEBUG"):
            raise
        words = str(error).split()
        code = _fail(
            f"unexpected {type(error).__name__}: {' '.join(words)[:200]}",
            "this is a defect of glassnet; GLASSNET_DEBUG=1 shows where, please report it",
            1,
        )
    sys.exit(code)


def _fail(message: str, hint: str, code: int) -> int:
    click.echo(f"glassnet: {message}\n  {hint}", err=True)
    return code


def _first_line(error: click.ClickException) -> str:
    """The message without its full stop and without the suggestion, which is the hint."""
    return error.format_message().splitlines()[0].split(" Did you mean")[0].strip().rstrip(".")


def _hint(error: click.UsageError) -> str:
    near = getattr(error, "possibilities", None)
    if near:
        return f"did you mean {near[0]}?"
    where = error.ctx.command_path if error.ctx else "glassnet"
    return f"see {where} --help"
