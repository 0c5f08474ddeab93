"""Tiny CNN: fewer than 9,000 parameters, by averaging over the image before the linear layer."""

from torch import Tensor, nn


class TinyCNN(nn.Module):
    """Five convolutions, two max poolings, the mean over the image, then linear and softmax.

    Pooling comes before normalisation and ReLU, which then see a quarter of the values. On a
    28 x 28 image it needs 0.95 million multiplications.

    Args:
        input_shape: (C, H, W); H and W at least 4.
        classes: number of classes.
        channels: feature maps of the five convolutions.
        dropout: fraction of values zeroed before the linear layer.

    Example:
        >>> import torch
        >>> network = TinyCNN((1, 28, 28), 10)
        >>> network(torch.zeros(2, 1, 28, 28)).shape
        torch.Size([2, 10])
        >>> sum(values.numel() for values in network.parameters())
        8954
    """

    def __init__(
        self,
        input_shape: tuple[int, ...],
        classes: int,
        channels: tuple[int, ...] = (8, 12, 16, 16, 24),
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        first, second, third, fourth, fifth = channels
        # A bias before batch normalisation would be subtracted again.
        self.conv1 = nn.Conv2d(input_shape[0], first, 5, padding=2, bias=False)
        self.pool1 = nn.MaxPool2d(2)
        self.norm1 = nn.BatchNorm2d(first)
        self.relu1 = nn.ReLU()

        self.conv2 = nn.Conv2d(first, second, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(second)
        self.relu2 = nn.ReLU()

        self.conv3 = nn.Conv2d(second, third, 3, padding=1, bias=False)
        self.pool2 = nn.MaxPool2d(2)
        self.norm3 = nn.BatchNorm2d(third)
        self.relu3 = nn.ReLU()

        self.conv4 = nn.Conv2d(third, fourth, 3, padding=1, bias=False)
        self.norm4 = nn.BatchNorm2d(fourth)
        self.relu4 = nn.ReLU()

        self.conv5 = nn.Conv2d(fourth, fifth, 3, padding=1, bias=False)
        self.norm5 = nn.BatchNorm2d(fifth)
        self.relu5 = nn.ReLU()

        self.mean = nn.AdaptiveAvgPool2d(1)
        self.drop = nn.Dropout(dropout)
        self.output = nn.Linear(fifth, classes)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, images: Tensor) -> Tensor:
        """Images (B, C, H, W) in [0, 1] to logits (B, classes)."""
        x = self.relu1(self.norm1(self.pool1(self.conv1(images))))  # (B, 8, 14, 14)
        x = self.relu2(self.norm2(self.conv2(x)))  # (B, 12, 14, 14)
        x = self.relu3(self.norm3(self.pool2(self.conv3(x))))  # (B, 16, 7, 7)
        x = self.relu4(self.norm4(self.conv4(x)))  # (B, 16, 7, 7)
        x = self.relu5(self.norm5(self.conv5(x)))  # (B, 24, 7, 7)
        return self.output(self.drop(self.mean(x).flatten(1)))  # (B, 10)

    def probabilities(self, images: Tensor) -> Tensor:
        """Images (B, C, H, W) in [0, 1] to probabilities (B, classes)."""
        return self.softmax(self.forward(images))
