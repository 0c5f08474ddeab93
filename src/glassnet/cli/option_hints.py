"""Hints for options that other tools have under other names, or that glassnet does not have."""

from collections.abc import Collection

from glassnet.errors import flag

SYNONYMS = {
    "learning_rate": "lr eta rate",
    "batch_size": "bs batch batchsize minibatch minibatch-size train-batch-size",
    "epochs": "epoch n-epochs num-epochs num-train-epochs max-epochs iterations",
    "weight_decay": "wd l2 decay",
    "data": "dataset data-dir data-path data-set train train-dir input input-dir folder root",
    "device": "gpu gpus cuda use-cuda accelerator",
    "threads": "workers num-workers n-jobs jobs cores cpus num-threads",
    "seed": "random-state random-seed rng",
    "network": "model arch architecture backbone",
    "image_size": "img-size imgsz size resolution input-size",
    "valid_fraction": "val-split validation-split val-fraction valid-size test-size",
    "patience": "early-stopping early-stop",
    "optimizer": "optimiser optim opt",
    "schedule": "scheduler lr-schedule lr-scheduler",
    "runs": "out out-dir output output-dir log-dir logdir save-dir run-dir",
    "out": "output outfile output-file o",
    "vocab_size": "vocabulary-size max-words max-features num-words",
    "max_length": "max-len maxlen seq-len sequence-length max-seq-length",
    "hidden_size": "hidden units lstm-size hidden-dim",
    "embedding_dim": "embedding-size embed-dim emb-dim",
    "latent_dim": "z-dim latent latent-size code-size",
    "config": "cfg config-file settings",
    "text_column": "text-col text text-field",
    "label_column": "label-col label labels target target-column",
    "group_column": "groups group group-col group-by patient-column",
    "points": "n-points samples max-points",
    "top": "top-k topk k",
    "json": "as-json",
}
"""Option, as the name of a field -> what other tools call it, without dashes in front."""

SEEDS = "this command takes one --seed; glassnet train TASK --seeds 5 trains several"

AFTER_TASK = "options of the training follow the task: glassnet train cnn --learning-rate 0.01"


def hint(option: str, known: Collection[str]) -> str:
    """What to do about an option that a command does not have; empty if that is not known.

    Args:
        option: as the user wrote it, such as `--lr`.
        known: the options of the command.

    Example:
        >>> hint("--lr", {"--learning-rate", "--layers"})
        'did you mean --learning-rate?'
        >>> hint("--batch_size", {"--batch-size"})
        'did you mean --batch-size?'
    """
    if option == "--seeds" and "--seed" in known:
        return SEEDS
    name = option.lstrip("-").lower().replace("_", "-")
    if flag(name) in known:
        return f"did you mean {flag(name)}?"
    for field, names in SYNONYMS.items():
        if flag(field) in known and name in names.split():
            return f"did you mean {flag(field)}?"
    return ""
