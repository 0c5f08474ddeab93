"""Inference: networks from weights, predictions in batches, activations, latent variables."""
