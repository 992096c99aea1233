"""The report: what is in the document, what changed since the last one, where things lie in its pictures, its page."""

from __future__ import annotations

import copy
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from plugins.filter.evidence import acceptance_criteria
from plugins.plugin_utils.acceptance.changes import changes_since, read_report
from plugins.plugin_utils.acceptance.document import Document, make_document
from plugins.plugin_utils.acceptance.page import breakable, duration, render_page, time_text
from plugins.plugin_utils.acceptance.pictures import maps, matrix_picture, numbered, tile_places
from tests.support.acceptance import HOSTILE, LEGEND, RUN, TEMPLATES, observed


def document(seen: dict[str, Any] | None = None, former: Document | None = None) -> Document:
    seen = seen or observed()
    made = make_document(acceptance_criteria(seen), seen, RUN)
    return {**made, "changes": changes_since(former, made)}


def page(made: Document) -> str:
    return render_page(made, str(TEMPLATES), legend=LEGEND)


class Text(HTMLParser):
    """The page's tags with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_document_names_what_is_not_met_and_which_cell_is_wrong() -> None:
    seen = observed()
    seen["identities"][0]["matrix"][0]["write"] = "allowed"
    seen["identities"][0]["differences"] = ["write in maps/ is allowed, not denied"]
    made = document(seen)
    assert made["verdict"]["accepted"] is False
    assert made["verdict"]["unmet"] == ["Identities have just their rights"]
    assert made["verdict"]["commands"] == ["ansible-playbook playbooks/access.yml"]
    (who,) = made["access"]
    assert [(place["bucket"], place["wrong"]) for place in who["places"]] == [("maps", ["write"]), ("results", [])]
    assert document()["verdict"] == {
        "accepted": True,
        "text": "Accepted: all 8 criteria are met.",
        "unmet": [],
        "commands": [],
        "met": 8,
        "of": 8,
    }


def test_the_document_takes_no_secret_over() -> None:
    seen = observed()
    for result in (seen["identities"][0], seen["worker"]["read"], seen["signed"], seen["buckets"][0]):
        result["invocation"] = {"module_args": {"secret_key": "a-real-secret"}}
    made = document(seen)
    assert "a-real-secret" not in json.dumps(made) + page(made)


def test_the_page_says_what_is_not_met_before_anything_else() -> None:
    seen = observed()
    seen["baselines"]["counted"]["missing"] = [{"season": "2016", "type": "Mode", "tile": "0-1"}]
    html = page(document(seen))
    places = [html.index(f'id="{name}"') for name in ("verdict", "unmet", "criteria", "baselines")]
    assert places == sorted(places)
    assert "ansible-playbook playbooks/baselines.yml" in html
    assert 'id="unmet"' not in page(document())


def test_nothing_outside_is_loaded_and_no_program_is_in_the_page() -> None:
    tags = Text(page(document())).tags
    links = [value for _, attributes in tags for name, value in attributes.items() if name in ("src", "href")]
    assert links
    assert all(str(value).startswith("data:") for value in links)
    assert not {"script", "iframe", "object"} & {tag for tag, _ in tags}
    assert "url(" not in page(document())


def hostile_everywhere(value: Any, hostile: str) -> Any:
    """The value with its texts made hostile, and its keys where they are names that somebody gave."""
    if isinstance(value, str):
        return value + hostile
    if isinstance(value, list):
        return [hostile_everywhere(item, hostile) for item in value]
    if not isinstance(value, dict):
        return value
    # those that are wrong are some of the verbs
    changed = {name: item if name == "wrong" else hostile_everywhere(item, hostile) for name, item in value.items()}
    for part in ("classes", "versions"):
        if part in changed:
            changed[part] = {name + hostile: item for name, item in changed[part].items()}
    return changed


@pytest.mark.parametrize("hostile", HOSTILE)
def test_every_value_is_escaped(hostile: str) -> None:
    """Each text of the document, wherever it comes from, is shown as it is: no tag and no attribute comes of it."""
    seen = observed()
    seen["worker"]["read"] = {"msg": "Could not read."}
    seen["manifest"]["verified"] = {"msg": "keys.txt names 1 key that the store does not have"}
    seen["baselines"]["counted"]["missing"] = [{"season": "2016", "type": "Mode", "tile": "0-1"}]
    plain = {**document(seen), "changes": {"since": "2026-01-01T00:00:00+00:00", "sentences": ["something"]}}
    known = Text(page(plain))
    for part in ("criteria", "access", "baselines", "quicklooks", "datasets", "syncs", "read_back", "run", "changes"):
        found = Text(page({**plain, part: hostile_everywhere(copy.deepcopy(plain[part]), hostile)}))
        assert {tag for tag, _ in found.tags} - {tag for tag, _ in known.tags} <= {"wbr"}, part
        assert {name for _, given in found.tags for name in given} <= {
            name for _, given in known.tags for name in given
        }
        assert "\x1b" not in found.text
        assert "49" not in found.text if "7 * 7" in hostile else True


def test_hostile_names_do_not_steer_a_page_by_themselves() -> None:
    seen = observed()
    for result, text in zip(seen["buckets"], HOSTILE, strict=False):
        result["item"] = text
    found = Text(page(document(seen)))
    assert "script" not in {tag for tag, _ in found.tags}
    assert "<script>alert(1)</script>" in found.text.replace("\n", "")


def test_the_first_report_and_that_of_another_store_tell_of_no_change() -> None:
    now = document()
    assert changes_since(None, now)["since"] == ""
    other = {**now, "run": {**now["run"], "endpoint": "http://elsewhere:9000"}}
    assert changes_since(other, now)["since"] == ""
    assert changes_since(now, now) == {"since": now["run"]["time"], "sentences": []}


def test_what_changed_is_told() -> None:
    before = document()
    seen = observed()
    seen["baselines"]["counted"] |= {
        "keys": ["a"],
        "bytes": 2048,
        "missing": [{"season": "2016", "type": "Mode", "tile": "0-1"}],
    }
    seen["identities"][0]["matrix"][0]["write"] = "allowed"
    now = document(seen)
    now["run"] = {**now["run"], "versions": {"ansible-core": "3"}}
    assert changes_since(before, now)["sentences"] == [
        "“The DW baselines are in place” was met, and is NOT MET.",
        "Missing since then: 2016 Mode 0-1.",
        "DW baselines: 8 objects of 4.0 KiB before, 1 of 2.0 KiB now.",
        "worker: to write in maps/ was denied, and is allowed.",
        "ansible-core: 2 before, 3 now.",
    ]
    assert "There again, or for the first time: 2016 Mode 0-1." in changes_since(now, before)["sentences"]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": 0}', '{"schema": 1}', '{"schema": 1, "criteria": 3}'])
def test_a_former_report_may_hold_anything(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.json").write_text(text)
    former = read_report(str(tmp_path / "r.json"))
    if former is not None:
        now = document()
        former["run"] = {"endpoint": now["run"]["endpoint"]}
        assert isinstance(changes_since(former, now)["sentences"], list)
    assert read_report(str(tmp_path / "none.json")) is None


def test_a_gap_is_where_the_file_would_be() -> None:
    seen = observed()
    seen["baselines"]["counted"]["missing"] = [{"season": "2016", "type": "Mode", "tile": "0-1"}]
    places = tile_places(seen["quicklooks"]["tiles"], "tile")
    assert places == {"0-0": (0, 0), "0-1": (0, 1)}
    picture = matrix_picture(document(seen)["baselines"], places)
    assert picture is not None
    assert len(picture.boxes) == 8
    (gap,) = [box for box in picture.boxes if not box.there]
    assert gap.title == "2016 Mode 0-1: missing"
    same = [box for box in picture.boxes if box.title.startswith("2016 Mode 0-0")]
    assert (same[0].x < gap.x, same[0].y) == (True, gap.y)
    assert matrix_picture({**document()["baselines"], "expect": {}}, {}) is None


@pytest.mark.parametrize("groups", [1, 2, 3, 4])
def test_any_number_of_groups_makes_a_picture(groups: int) -> None:
    expect = {f"group{number}": ["a", "b"] for number in range(groups)}
    picture = matrix_picture({"expect": expect, "missing": [], "known": True}, {})
    assert picture is not None
    assert len({(box.x, box.y) for box in picture.boxes}) == 2**groups
    assert max(box.x + box.width for box in picture.boxes) <= picture.width
    assert max(box.y + box.height for box in picture.boxes) <= picture.height


def test_tiles_lie_on_the_map_as_on_the_earth() -> None:
    (picture,) = maps(observed()["quicklooks"]["tiles"], "type")
    west, east = picture.boxes
    assert (west.x, west.y, east.y) == (0, 0, 0)
    assert east.x == pytest.approx(west.width)
    # 10 degrees by 10 at 15 degrees south: higher than wide
    assert west.height / west.width == pytest.approx(1 / 0.9659, rel=1e-3)
    assert picture.extent == "20.0° to 40.0° E, 20.0° to 10.0° S"


def test_batches_are_shown_by_their_numbers() -> None:
    assert numbered(["B_1.csv", "B_10.csv", "B_2.csv"]) == (
        "B_….csv",
        {"B_1.csv": "1", "B_2.csv": "2", "B_10.csv": "10"},
    )
    assert numbered(["B_11.csv", "B_12.csv"]) == ("B_….csv", {"B_11.csv": "11", "B_12.csv": "12"})
    assert numbered(["one.csv"]) == ("", {"one.csv": "one.csv"})
    assert numbered([]) == ("", {})


def test_names_are_broken_behind_their_separators_only() -> None:
    assert breakable("a/b_c-1 d") == "a/<wbr>b_<wbr>c-<wbr>1 d"
    assert breakable("<b>/&") == "&lt;b&gt;/&amp;"


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "not known"), (0.84, "0.8 s"), (42.4, "42 s"), (185, "3 min 05 s")]
)
def test_durations(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def test_times_are_told_in_utc() -> None:
    assert time_text("2026-03-01T08:05:00+02:00") == "2026-03-01 06:05 UTC"
    assert time_text("soon") == "soon"


def test_without_pictures_or_counts_the_page_says_why() -> None:
    seen = observed()
    seen["quicklooks"] = {"reason": "the Python library rasterio cannot be used here", "tiles": []}
    seen["datasets"]["compared"] = {"msg": "Could not read the folder."}
    seen["syncs"] = {"logs": [{"path": "/x/a.jsonl", "last": None, "change": None, "reason": "it cannot be read"}]}
    text = re.sub(r"\s+", " ", Text(page(document(seen))).text)
    assert "No maps: the Python library rasterio cannot be used here." in text
    assert "Rows and classes are not known: its files were not read." in text
    assert "/x/a.jsonl: it cannot be read." in text
