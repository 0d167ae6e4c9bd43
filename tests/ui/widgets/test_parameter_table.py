"""The parameter table."""

from textual import events

from tests.ui.widgets.frames import OnePane, frame, shown
from tui_lab.run.messages import ParameterRow
from tui_lab.ui.widgets.parameter_table import ParameterTable


async def text(size: tuple[int, int], **changes: object) -> str:
    pane = ParameterTable()
    async with OnePane(pane).run_test(size=size) as pilot:
        pane.show(frame(**changes))
        await pilot.pause()
        return shown(pane)


async def test_a_scalar_is_shown_as_itself_an_array_by_norms_and_its_entries() -> None:
    rows = [line.split() for line in (await text((80, 10))).splitlines()]
    assert rows[0] == ["parameter", "shape", "value", "gradient", "update", "update", "ratio"]
    assert rows[1] == ["a", "scalar", "1.525", "4.75", "-0.475", "0.310"]
    assert rows[2] == ["W", "1×2", "‖5‖", "‖0.500‖", "‖0.0500‖", "0.0100"]
    assert rows[3:5] == [["[0,0]", "3", "0.300", "0"], ["[0,1]", "4", "0.400", "0.100"]]


async def test_columns_stay_while_numbers_change() -> None:
    small = ParameterRow("a", [], 1.0, 1.0, 1.0, values=1e-12, gradient=-2.0, update=0.5)
    large = ParameterRow("a", [], 1.0, 1.0, 1.0, values=-123456.789, gradient=1e9, update=-0.123456789)
    ends = []
    for row in (small, large):
        lines = (await text((100, 10), parameters=[row])).splitlines()
        assert lines[0] == (await text((100, 10))).splitlines()[0]
        ends.append(len(lines[1]))
    assert ends[0] == ends[1]


async def test_short_of_room_the_value_stays() -> None:
    for width in (24, 40, 60):
        lines = (await text((width, 10))).splitlines()
        assert "value" in lines[0]
        assert "1.525" in lines[1]
        assert max(map(len, lines)) <= width


async def test_what_does_not_fit_is_counted_and_scrolled_to() -> None:
    rows = [ParameterRow(f"layer{i}.W", [64, 64], float(i), 1.0, 0.1) for i in range(30)]
    pane = ParameterTable()
    async with OnePane(pane).run_test(size=(80, 10)) as pilot:
        pane.show(frame(parameters=rows))
        await pilot.pause()
        assert shown(pane).endswith("… 22 more")
        for _ in range(40):
            pane.post_message(events.MouseScrollDown(pane, 1, 1, 0, 1, 0, False, False, False))
        await pilot.pause()
        assert "layer29.W" in shown(pane)
        assert "more" not in shown(pane)


async def test_of_a_long_name_the_end_is_shown_in_which_parameters_differ() -> None:
    names = [f"model.layers.{i}.self_attn.{part}_proj.A" for i in (0, 11) for part in "qk"]
    lines = await text((60, 10), parameters=[ParameterRow(name, [16, 64], 1.0, 1.0, 0.1) for name in names])
    assert [line.split()[0] for line in lines.splitlines()[1:5]] == [
        "…rs.0.self_attn.q_proj.A", "…rs.0.self_attn.k_proj.A", "…s.11.self_attn.q_proj.A", "…s.11.self_attn.k_proj.A",
    ]  # fmt: skip
