"""The image generator: variational autoencoders with honest likelihoods."""
