"""The page of the report in a real browser: what a person sees of it, on a desk and on a phone, by day and by night."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plugins.filter.evidence import acceptance_criteria
from plugins.plugin_utils.acceptance.document import make_document
from plugins.plugin_utils.acceptance.page import render_page
from tests.support.acceptance import HOSTILE, LEGEND, RUN, TEMPLATES, observed
from tests.support.browser import Browser, open_browser

PHONE, DESK = 380, 1280
LONG = "dw/zim/summer/2025_2026/highest_conf/DW_Zim_HighestConf_2025_2026-0000065536-0000065536.tif"

#: What reaches beyond the right edge of the window, other than what scrolls in itself.
BEYOND = """
[...document.querySelectorAll('body *')].filter(part => !part.closest('pre') &&
  part.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5).map(part => part.outerHTML)
"""

#: Headings and labels with a word that goes on in the next line.
BROKEN = """
[...document.querySelectorAll('h1, h2, h3, th, .mark, .label, .number, dt')].filter(part => {
  const range = document.createRange();
  const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    for (const word of node.data.matchAll(/[A-Za-z0-9]+/g)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1) return true;
    }
  return false;
}).map(part => part.textContent)
"""

#: The smallest contrast of a text with what is behind it, as WCAG 2.1 (1.4.3) defines it, and this text.
CONTRAST = """
(() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const linear = part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const behind = part => {
    for (; part; part = part.parentElement) {
      const found = parse(getComputedStyle(part).backgroundColor);
      if (found.length < 4 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const ratio = part => {
    const pair = [light(parse(getComputedStyle(part).color)), light(behind(part))].sort((one, two) => two - one);
    return (pair[0] + 0.05) / (pair[1] + 0.05);
  };
  return [...document.querySelectorAll('main *')]
    .filter(part => !part.closest('svg') && [...part.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .map(part => [ratio(part), part.textContent]).sort((one, two) => one[0] - two[0])[0];
})()
"""


def write_page(folder: Path, seen: dict[str, Any], **changes: Any) -> Path:
    made = {**make_document(acceptance_criteria(seen), seen, RUN), "changes": {"since": "", "sentences": []}, **changes}
    path = folder / "acceptance.html"
    path.write_text(render_page(made, str(TEMPLATES), legend=LEGEND), errors="backslashreplace")
    return path


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with open_browser(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture
def unmet(tmp_path: Path) -> Path:
    """A page on which every part is shown, with names as long as they are."""
    seen = observed()
    seen["baselines"]["counted"]["missing"] = [{"season": "2016", "type": "Mode", "tile": "0-1"}]
    seen["manifest"]["verified"] = {"msg": f"manifests/dw_baseline_keys.txt names {LONG} that the store does not have"}
    seen["identities"][0]["matrix"][0]["write"] = "allowed"
    seen["identities"][0]["differences"] = ["write in maps/ is allowed, not denied", f"its policies also allow {LONG}"]
    seen["baselines"]["spot_checked"]["objects"][0]["key"] = LONG
    return write_page(tmp_path, seen, changes={"since": RUN["time"], "sentences": [f"Missing since then: {LONG}."]})


def test_everything_is_seen_and_nothing_is_asked_for(browser: Browser, unmet: Path) -> None:
    browser.show(unmet)
    headings = browser.ask("[...document.querySelectorAll('h2')].map(part => part.textContent)")
    assert headings[:2] == ["What is not met, and what to do", "What is met, and by which evidence"]
    assert {"DW baselines", "Training set v1", "Who can do what", "What the last syncs did", "This run"} <= {*headings}
    assert browser.ask("document.querySelectorAll('#matrix rect').length") == 8
    assert browser.ask("document.querySelectorAll('#matrix rect.gap').length") == 1
    assert (
        browser.ask("document.querySelector('#matrix .gap').parentNode.textContent.trim()") == "2016 Mode 0-1: missing"
    )
    shown = "[...document.querySelectorAll('#quicklooks image')].map(part => part.getBoundingClientRect().width > 50)"
    assert browser.ask(shown) == [True, True]
    assert browser.ask("document.querySelectorAll('#access td.wrong').length") == 1
    assert (
        browser.ask("document.querySelector('#unmet code').textContent") == "ansible-playbook playbooks/baselines.yml"
    )
    assert browser.errors == []
    assert browser.requests == [unmet.resolve().as_uri()]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_reads_well_on_a_phone(browser: Browser, unmet: Path, dark: bool) -> None:
    browser.show(unmet, width=PHONE, dark=dark)
    assert browser.ask("document.documentElement.scrollWidth") == PHONE
    assert browser.ask(BEYOND) == []
    assert browser.ask(BROKEN) == []
    assert browser.ask("getComputedStyle(document.body).backgroundColor") == (
        "rgb(18, 24, 21)" if dark else "rgb(246, 248, 246)"
    )


@pytest.mark.parametrize("how", [{}, {"dark": True}, {"printed": True}], ids=["light", "dark", "printed"])
def test_texts_stand_out_from_what_is_behind_them(browser: Browser, unmet: Path, how: dict[str, bool]) -> None:
    browser.show(unmet, width=DESK, **how)
    ratio, text = browser.ask(CONTRAST)
    assert ratio >= 4.5, text


def test_hostile_names_are_shown_and_do_nothing(browser: Browser, tmp_path: Path) -> None:
    seen = observed()
    seen["buckets"] = [{"item": name, "actions": [], "planned": False} for name in HOSTILE]
    seen["identities"][0]["item"]["name"] = HOSTILE[1]
    seen["datasets"]["compared"]["sets"][0]["classes"] = dict.fromkeys(HOSTILE, 1)
    browser.show(write_page(tmp_path, seen), width=PHONE)
    assert browser.ask("document.querySelectorAll('script, img, [onerror], [onmouseover]').length") == 0
    assert HOSTILE[0] in browser.ask("document.querySelector('#criteria').textContent")
    assert browser.ask("document.documentElement.scrollWidth") == PHONE
    assert browser.errors == []
