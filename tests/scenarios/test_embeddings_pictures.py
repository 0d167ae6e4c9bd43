"""Pictures become vectors: the colours of the file, patches, and the best that a few numbers can do; and what is no
picture."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sklearn.decomposition import PCA

from tests.scenarios.networks import train
from tests.scenarios.vectors import build, module, picture_file
from tui_lab.lab.errors import BadInput

PATCHES, PHOTOGRAPH = module("patches"), module("photograph")


def views(model: Any, kind: str) -> list[Any]:
    return [view for view in model.views() if view.kind == kind]


def read(path: Path, size: int = 64) -> Any:
    return PHOTOGRAPH.read_photograph(path, size)


# Colours


def test_pixels_are_those_of_the_file(tmp_path: Path) -> None:
    path = picture_file(tmp_path)
    found = read(path)
    np.testing.assert_array_equal(found.pixels, np.asarray(Image.open(path)))
    assert found.original == (48, 40)


def test_a_large_picture_is_scaled_down_and_keeps_its_shape(tmp_path: Path) -> None:
    found = read(picture_file(tmp_path, 300, 200), 96)
    assert found.pixels.shape == (64, 96, 3) and found.original == (300, 200)
    model = build("size=96", data=picture_file(tmp_path, 300, 200))
    assert "The picture of 200×300 pixels is shown as 64×96" in model.notes()[-1]


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("L", 200, (200, 200, 200)),
        ("RGBA", (10, 20, 30, 255), (10, 20, 30)),
        ("RGBA", (10, 20, 30, 0), (255, 255, 255)),  # transparent: on white
        ("LA", (100, 255), (100, 100, 100)),
        ("1", 1, (255, 255, 255)),
        ("I;16", 0xC812, (200, 200, 200)),
    ],
)
def test_every_mode_becomes_red_green_and_blue(
    mode: str, colour: Any, expected: tuple[int, ...], tmp_path: Path
) -> None:
    path = tmp_path / "plain.png"
    Image.new(mode, (20, 16), colour).save(path)
    assert read(path).pixels[8, 8].tolist() == list(expected)


def test_colours_on_a_palette_and_in_print_colours(tmp_path: Path) -> None:
    palette, inks = tmp_path / "palette.png", tmp_path / "inks.jpg"
    Image.new("RGB", (16, 16), (250, 120, 10)).quantize(4).save(palette)
    Image.new("CMYK", (16, 16), (0, 0, 0, 0)).save(inks)
    assert read(palette).pixels[3, 3].tolist() == [250, 120, 10]
    assert read(inks).pixels[3, 3].tolist() == [255, 255, 255]


def test_a_photograph_is_turned_as_its_camera_says(tmp_path: Path) -> None:
    path, turned = tmp_path / "turned.jpg", Image.Exif()
    turned[0x0112] = 6  # lying on its side
    Image.new("RGB", (40, 20), "red").save(path, exif=turned)
    assert read(path).pixels.shape == (40, 20, 3)


def test_the_bundled_photographs_are_those_of_scikit_learn() -> None:
    from sklearn.datasets import load_sample_image

    for name in PHOTOGRAPH.BUNDLED:
        np.testing.assert_array_equal(read(PHOTOGRAPH.bundled(name), 640).pixels, load_sample_image(f"{name}.jpg"))


# Files that are none


def png(width: int = 32, height: int = 32) -> bytes:
    draw, stream = np.random.default_rng(0), io.BytesIO()
    Image.fromarray(draw.integers(0, 255, (height, width, 3), np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def bomb() -> bytes:
    """A small file that claims to be 60,000 pixels square."""
    content, side = bytearray(png()), (60_000).to_bytes(4, "big")
    content[16:24] = side + side
    import zlib

    content[29:33] = zlib.crc32(bytes(content[12:29])).to_bytes(4, "big")
    return bytes(content)


def animated() -> bytes:
    stream = io.BytesIO()
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    frames[0].save(stream, "PNG", save_all=True, append_images=frames[1:])
    return stream.getvalue()


def gif() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(stream, "GIF")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "small.png is no PNG or JPEG picture, whatever its name says"),
        (b"just words", "small.png is no PNG or JPEG picture"),
        (gif(), "small.png is no PNG or JPEG picture"),
        (png()[: len(png()) // 2], "small.png is damaged and cannot be read to its end"),
        (png()[:30], "small.png is (damaged|no PNG)"),
        (bomb(), "small.png has too many pixels|small.png is 60000 by 60000 pixels"),
        (animated(), "small.png is animated: give a picture that stands still"),
        (png(4, 4), "small.png is 4 by 4 pixels after scaling, and a patch 8 by 8"),
        (png(3000, 4), "after scaling, and a patch 8 by 8: give a larger picture or a smaller patch"),
    ],
)
def test_what_is_no_picture_to_learn_from(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "small.png"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=sentence) as caught:
        build(data=path)
    assert len(str(caught.value)) < 300 and "\n" not in str(caught.value)


@pytest.mark.parametrize("place", range(8, 400, 23))
def test_a_picture_with_a_wrong_byte_is_read_or_refused(place: int, tmp_path: Path) -> None:
    content = bytearray(png(16, 16))
    content[place] ^= 0xFF
    path = tmp_path / "small.png"
    path.write_bytes(content)
    try:
        read(path)
    except BadInput as error:
        assert "small.png" in str(error) and "\n" not in str(error)


def test_a_picture_of_one_colour_and_wrong_settings(tmp_path: Path) -> None:
    path = tmp_path / "red.png"
    Image.new("RGB", (32, 32), "red").save(path)
    with pytest.raises(BadInput, match=r"All patches of red.png are the same"):
        build(data=path)
    good = picture_file(tmp_path)
    with pytest.raises(BadInput, match="dimensions is 13, but a patch has only 12 numbers"):
        build("dimensions=13", "patch=2", data=good)
    with pytest.raises(BadInput, match="There is no row 40: the picture has rows 0 to 39"):
        build("row=40", data=good)


# Patches and vectors


@pytest.mark.parametrize("side", [2, 5, 8])
def test_patches_joined_are_the_picture(side: int, tmp_path: Path) -> None:
    pixels = read(picture_file(tmp_path)).pixels
    patches = PATCHES.Patches("picture", pixels, side)
    np.testing.assert_array_equal(patches.joined(patches.x), patches.pixels)
    number = patches.index(side + 1, 2 * side + 1)
    patch = (patches.x[number] + patches.mean).reshape(side, side, 3) * 255
    np.testing.assert_allclose(patch, pixels[side : 2 * side, 2 * side : 3 * side])


def test_gradient_descent_finds_what_principal_components_find(tmp_path: Path) -> None:
    model = build("dimensions=4", data=picture_file(tmp_path))
    x = model.subject.patches.x
    theirs = PCA(4).fit(x)
    least = np.square(x - theirs.inverse_transform(theirs.transform(x))).sum() / 2 / len(x)
    assert model.subject.patches.least_loss(4) == pytest.approx(least)
    assert model.subject.patches.least_loss(0) == pytest.approx(model.subject.patches.spread)
    losses = [each["loss"] for each in train(model, 1500)]
    assert min(losses) > least and losses[-1] < 1.02 * least < losses[50]
    rows = {row[0]: row[1:] for row in views(model, "table")[-1].rows}
    assert rows["the best there is (PCA)"][1] == pytest.approx(least)
    assert rows["as learned so far"][2] == pytest.approx(rows["the best there is (PCA)"][2], abs=0.01)
    encoder, decoder = model.values["E"], model.values["D"]
    theirs_plane, ours = theirs.components_.T @ theirs.components_, encoder @ decoder
    assert np.linalg.norm(x @ ours - x @ theirs_plane) < 0.2 * np.linalg.norm(x)


def test_pictures_show_the_pixel_and_what_is_kept_of_it(tmp_path: Path) -> None:
    model = build("row=13", "column=29", data=picture_file(tmp_path))
    train(model, 20)
    pixels = model.subject.patches.pixels
    original, again = views(model, "image")
    np.testing.assert_array_equal(original.pixels, pixels)
    assert (original.row, original.column) == (again.row, again.column) == (13, 29)
    assert again.pixels.shape == (40, 98, 3)
    np.testing.assert_array_equal(again.pixels[:, 50:], pixels)
    rows = views(model, "table")[0].rows
    assert rows[0][1:] == pixels[13, 29].tolist() and rows[1][1:] == pytest.approx(pixels[13, 29] / 255)
    places = [int(place) for place in rows[2][1:]]
    assert pixels.ravel()[places].tolist() == pixels[13, 29].tolist()
    assert rows[3][1:] == [9.0, "row 1", "column 3"]
    vector = [value for row in rows[4:] for value in row[1:] if value != ""]
    np.testing.assert_allclose(vector, model.subject.patches.x[9] @ model.values["E"])
    model.change("row", "middle")
    assert views(model, "image")[0].row == 20


def test_turning_vectors_and_patterns_changes_no_colour(tmp_path: Path) -> None:
    model = build(data=picture_file(tmp_path))
    train(model, 30)
    model.refresh()
    loss, turn = model.metrics["loss"], module("rotation").rotation(8)
    assert "Single entries mean nothing" in model.notes()[1]
    model.values["E"][:] = model.values["E"] @ turn
    model.values["D"][:] = turn.T @ model.values["D"]
    model.refresh()
    assert model.metrics["loss"] == pytest.approx(loss, rel=1e-12)
