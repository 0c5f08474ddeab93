"""Progress of training on stderr: a progress bar on a terminal, and a line per epoch."""

import time
from contextlib import ExitStack

from glassnet import progress
from glassnet.config import TrainingConfig
from glassnet.contract import Learner
from glassnet.runs import metrics_log
from glassnet.training.hooks import Hook
from glassnet.training.state import TrainingState


class ProgressDisplay(Hook):
    """Shows loss, headline metric, examples per second and time left."""

    def __init__(
        self, learner: Learner, config: TrainingConfig, n_batches: int, n_examples: int
    ) -> None:
        self.learner, self.config = learner, config
        self.n_batches, self.n_examples = n_batches, n_examples
        self.stack = ExitStack()

    def before_training(self, state: TrainingState) -> None:  # noqa: D102
        self.start, self.first_step = time.perf_counter(), state.step
        self._open(state)

    def after_step(self, state: TrainingState) -> None:  # noqa: D102
        means = state.running.means() if state.step % 10 == 0 else None
        self.advance(self.n_examples / self.n_batches, note=self._metrics(means) if means else "")

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:  # noqa: D102
        self.stack.close()
        metric = self.learner.metrics[0]
        best = "  best so far" if state.best_epoch == state.epoch else ""
        train, valid = (
            self._metrics(
                {name: row[metrics_log.column(split, name)] for name in ("loss", metric.name)}
            )
            for split in metrics_log.SPLITS
        )
        progress.log(
            f"epoch {state.epoch:{len(str(self.config.epochs))}}/{self.config.epochs}"
            f"   train {train}   valid {valid}"
            f"   {self._pace(state)}{best}"
        )
        if not state.finished:
            self._open(state)

    def after_training(self, state: TrainingState) -> None:  # noqa: D102
        self.stack.close()

    def _open(self, state: TrainingState) -> None:
        title = f"epoch {state.epoch + 1}/{self.config.epochs}"
        bar = progress.live(title, self.n_examples, "examples")
        self.advance = self.stack.enter_context(bar)
        self.advance(state.batch * self.n_examples / self.n_batches)

    def _metrics(self, means: dict[str, float]) -> str:
        """As `loss 0.0312, accuracy 99.01 %`."""
        metric = self.learner.metrics[0]
        return f"loss {means['loss']:.4f}, {metric.name} {metric.format(means[metric.name])}"

    def _pace(self, state: TrainingState) -> str:
        done = state.step - self.first_step
        if not done:  # stopped between the last step and validation, and resumed there
            return ""
        seconds = time.perf_counter() - self.start
        rate = done * self.n_examples / self.n_batches / seconds
        left = (self.config.epochs * self.n_batches - state.step) * seconds / done
        return f"{rate:,.0f} examples/s, {progress.clock(left)} left"
