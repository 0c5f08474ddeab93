"""The section of the report that each view belongs to."""

from collections.abc import Mapping

_VIEWS = {
    "result": ("scores", "likelihood"),
    "network": ("network_diagram",),
    "training": ("training_curves",),
    "samples": (
        "samples",
        "class_grid",
        "reconstructions",
        "interpolations",
        "sample_quality",
        "class_balance",
        "nearest_training",
    ),
    "latent-space": ("kl_by_dimension", "traversals", "latent_map", "aggregate_posterior"),
    "texts": ("after_each_word", "highlighted_texts", "deletion_curve", "selective_units"),
    "words": ("word_effects", "nearest_words"),
    "layers": ("projections",),
    "dynamics": ("probe_map", "layer_animation", "control_networks"),
    "examples": ("training_dynamics", "label_issues", "example_loss"),
    "mistakes": (
        "confusion_matrix",
        "classification_report",
        "worst_mistakes",
        "worst_texts",
        "accuracy_by_length",
        "roc_curve",
        "reliability_diagram",
    ),
}

SECTION_OF: Mapping[str, str] = {view: section for section in _VIEWS for view in _VIEWS[section]}
"""View -> the section of its findings; a view of another package has no entry."""
