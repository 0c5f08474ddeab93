"""The command line: one module per command, imported when the command runs.

Results go to stdout, progress and notes to stderr. Exit codes: 0 done, 1 failed, 2 bad usage or bad
input, 130 interrupted. An error is two lines: the cause and its place; what to do next.
"""

import importlib
import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import NoReturn

import click

from glassnet import parallel
from glassnet.cli.echo import echo
from glassnet.cli.options import SuggestingGroup
from glassnet.errors import GlassnetError, Interrupted
from glassnet.visible import visible_line

COMMANDS = {
    "train": "Train a network and evaluate it on the test set.",
    "runs": "List all runs.",
    "show": "Show the results of one run.",
    "evaluate": "Evaluate a run on its test set.",
    "explain": "Explain what each layer has learned: findings and figures.",
    "compare": "Compare runs, or groups of runs: differences, intervals, a page.",
    "report": "Write an HTML report on one or more runs, or verify it.",
    "predict": "Predict the classes of images or texts; reconstruct images.",
    "generate": "Generate images.",
    "export": "Export a network to ONNX and check the file's outputs.",
    "web": "Open a page on which networks are trained and tried.",
    "rm": "Remove runs.",
    "clean": "Free the space of files of runs that can be made again.",
    "data": "List, show and check data sets, built-in ones and your own.",
    "demo": "Train and explain all three networks; write one report.",
}
"""Command -> summary. The module `cli/NAME.py` defines it as `command`."""

EXAMPLES = """\b
Examples:
  glassnet demo                                 everything, in a few minutes
  glassnet train cnn                            an image classifier: MNIST, default preset
  glassnet train cnn --preset paper --seed 1    the reference configuration
  glassnet explain RUN --layers conv1,pool2     explain other layers
  glassnet predict RUN digit.png                predict the class of an image
  glassnet export RUN --out digits.onnx         use the network without glassnet
  glassnet train vae --latent-dim 2             an image generator with a 2-D latent space
  glassnet generate RUN --out samples.png       generate images
  glassnet train lstm                           a text classifier: film snippets
  glassnet explain RUN --text "never dull"      the effect of each word on the prediction
"""


class Commands(SuggestingGroup):
    """A group that lists its commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order in which a new user needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command's module."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"glassnet.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List names and summaries without importing the commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=Commands,
    help="Train small neural networks and explain what each layer has learned.",
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="glassnet", message="glassnet %(version)s")
def glassnet() -> None:
    """All commands."""


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run one command, by default that of the process, and exit with its exit code."""
    parallel.limit_libraries()
    if args is None:
        sys.unraisablehook = _interrupt_again
    code = 0
    try:
        arguments = list(sys.argv[1:] if args is None else args)
        with glassnet.make_context("glassnet", arguments) as context:
            glassnet.invoke(context)
        sys.stdout.flush()
    except GlassnetError as error:
        if isinstance(error, Interrupted) and args is None:
            _ignore_interrupts()
        code = _fail(error.message, error.hint, error.exit_code)
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        echo(error.format_message(), err=True)
        code = 2
    except click.UsageError as error:
        code = _fail(_first_line(error), _hint(error), 2)
    except click.ClickException as error:
        code = _fail(_first_line(error), "see glassnet --help", 2)
    except (KeyboardInterrupt, click.Abort):
        if args is None:
            _ignore_interrupts()
        code = _fail("interrupted", "run the command again to complete it", 130)
    except BrokenPipeError:  # stdout was closed, as by `glassnet runs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
    except ModuleNotFoundError as error:
        code = _fail(f"{error.name} is not installed", "install it with: pip install glassnet", 1)
    except Exception as error:  # a bug: two lines, or the traceback with GLASSNET_DEBUG
        if os.environ.get("GLASSNET_DEBUG"):
            raise
        text = " ".join(str(error).split())[:200]
        code = _fail(
            f"unexpected {type(error).__name__}: {text}",
            "this is a bug in glassnet; please report it with the traceback that GLASSNET_DEBUG=1 "
            "shows",
            1,
        )
    sys.exit(code)


def _interrupt_again(ignored: "sys.UnraisableHookArgs") -> None:
    """Repeat a Ctrl-C that fell into a finalizer, where Python can only show its traceback."""
    if ignored.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(ignored)
    elif not sys.is_finalizing():
        main_thread = threading.main_thread().ident
        threading.Timer(0.05, signal.pthread_kill, [main_thread, signal.SIGINT]).start()


def _ignore_interrupts() -> None:
    """Ignore Ctrl-C for the rest of the process, which must end with the right exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _fail(message: str, hint: str, code: int) -> int:
    echo(f"glassnet: {visible_line(message)}\n  {visible_line(hint)}", err=True)
    return code


def _first_line(error: click.ClickException) -> str:
    """The message without its full stop and without suggestions, which become the hint."""
    has_suggestions = getattr(error, "possibilities", None)
    message = error.message if has_suggestions else error.format_message()
    return message.splitlines()[0].strip().rstrip(".")


def _hint(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption) and error.ctx is not None:
        from glassnet.cli import option_hints

        chosen = error.ctx.command
        if isinstance(chosen, SuggestingGroup) and chosen.member == "task":
            return option_hints.AFTER_TASK
        known = {flag for parameter in chosen.params for flag in parameter.opts}
        if hint := option_hints.hint(error.option_name, known):
            return hint
    if nearest := getattr(error, "possibilities", None):
        return f"did you mean {nearest[0]}?"
    command = error.ctx.command_path if error.ctx else "glassnet"
    return f"see {command} --help"
