"""A picture file as numbers: red, green and blue of every pixel."""

import importlib.util
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from tui_lab.lab.csv_table import printable
from tui_lab.lab.errors import BadInput

SUFFIXES = (".png", ".jpg", ".jpeg")
BUNDLED = ("china", "flower")
"""The two photographs that come with scikit-learn: a temple in Beijing and a dahlia."""
_MOST_PIXELS = 64_000_000
_LARGEST_BYTES = 256_000_000


@dataclass(frozen=True, slots=True)
class Photograph:
    """pixels (h, w, 3) in 0..255; `original` is the file's own width and height, before it was scaled down."""

    title: str
    pixels: NDArray[np.uint8]
    original: tuple[int, int]


def bundled(name: str) -> Path:
    """Where one of the bundled photographs is. Raises BadInput where scikit-learn is missing."""
    package = importlib.util.find_spec("sklearn")  # found, not imported: that would take a second or two
    if package is None or package.origin is None:
        raise BadInput("The photographs come with scikit-learn: pip install scikit-learn.")
    return Path(package.origin).parent / "datasets" / "images" / f"{name}.jpg"


def read_photograph(path: Path, size: int) -> Photograph:
    """A PNG or JPEG file, scaled down to at most `size` pixels along its longer side. Raises BadInput."""
    name = printable(path.name)
    if path.is_file() and path.stat().st_size > _LARGEST_BYTES:
        raise BadInput(f"{name} has {path.stat().st_size:,} bytes: give at most {_LARGEST_BYTES:,}.")
    with _trouble_told(name), Image.open(path, formats=("PNG", "JPEG")) as image:
        width, height = image.size
        if width * height > _MOST_PIXELS:
            raise BadInput(f"{name} is {width} by {height} pixels: give a picture of at most {_MOST_PIXELS:,} pixels.")
        if image.format == "PNG" and getattr(image, "is_animated", False):
            raise BadInput(f"{name} is animated: give a picture that stands still.")
        upright = ImageOps.exif_transpose(image)
        colours = _on_white(upright)
        original = colours.size
        colours.thumbnail((size, size), Image.Resampling.LANCZOS)
        return Photograph(name, np.asarray(colours, np.uint8).copy(), original)


def _on_white(image: Image.Image) -> Image.Image:
    """Red, green and blue, whatever the file has; what is transparent is laid on white."""
    if image.mode.startswith("I"):  # 16 bits of grey: the upper 8 are enough
        grey = np.asarray(image).astype(np.int64) >> 8
        return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")


@contextmanager
def _trouble_told(name: str) -> Iterator[None]:
    """What Pillow raises for a file that it cannot use, as one sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # too many pixels are refused anyway
            yield
    except Image.DecompressionBombError as error:
        raise BadInput(f"{name} has too many pixels: give a picture of at most {_MOST_PIXELS:,}.") from error
    except UnidentifiedImageError as error:
        raise BadInput(f"{name} is no PNG or JPEG picture, whatever its name says.") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"{name} is damaged and cannot be read to its end: {printable(str(error), 80)}.") from error
