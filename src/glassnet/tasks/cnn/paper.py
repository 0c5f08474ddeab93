"""CNN of the report: two convolutional blocks and a linear layer, 12 layers in all."""

from torch import Tensor, nn


class PaperCNN(nn.Module):
    """Two blocks of convolution, batch normalisation, ReLU, max pooling and dropout; then linear.

    Args:
        input_shape: (C, H, W); H and W at least 4.
        classes: number of classes.
        channels: feature maps of the two convolutions.
        kernel_size: side of their kernels, odd.
        dropout: fraction of values that each dropout layer zeroes.

    Example:
        >>> import torch
        >>> network = PaperCNN((1, 28, 28), 10)
        >>> network(torch.zeros(2, 1, 28, 28)).shape
        torch.Size([2, 10])
    """

    def __init__(
        self,
        input_shape: tuple[int, ...],
        classes: int,
        channels: tuple[int, ...] = (32, 64),
        kernel_size: int = 5,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        depth, height, width = input_shape
        first, second = channels
        same = kernel_size // 2

        self.conv1 = nn.Conv2d(depth, first, kernel_size, padding=same)
        self.norm1 = nn.BatchNorm2d(first)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        self.drop1 = nn.Dropout(dropout)

        self.conv2 = nn.Conv2d(first, second, kernel_size, padding=same)
        self.norm2 = nn.BatchNorm2d(second)
        self.relu2 = nn.ReLU()
        self.pool2 = nn.MaxPool2d(2)
        self.drop2 = nn.Dropout(dropout)

        self.output = nn.Linear(second * (height // 4) * (width // 4), classes)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, images: Tensor) -> Tensor:
        """Images (B, C, H, W) in [0, 1] to logits (B, classes)."""
        x = self.relu1(self.norm1(self.conv1(images)))  # (B, 32, 28, 28)
        x = self.drop1(self.pool1(x))  # (B, 32, 14, 14)
        x = self.relu2(self.norm2(self.conv2(x)))  # (B, 64, 14, 14)
        x = self.drop2(self.pool2(x))  # (B, 64, 7, 7)
        return self.output(x.flatten(1))  # (B, 10)

    def probabilities(self, images: Tensor) -> Tensor:
        """Images (B, C, H, W) in [0, 1] to probabilities (B, classes)."""
        return self.softmax(self.forward(images))
