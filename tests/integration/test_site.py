"""The main job on an empty server: check, real, check, real; then what goes wrong, and what puts it right."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.integration.conftest import StartMinio
from tests.support.mc import Mc
from tests.support.playbooks import PlaybookResult, run_playbook
from tests.support.predictions import named
from tests.support.state import Server, save_state

BUCKETS = ["geocrop-baselines", "geocrop-datasets", "geocrop-models", "geocrop-results"]
MODEL = "geocrop-models/models/xgb/v1/model.bin"
FIRST = "DW_Zim_Agreement_2015_2016-0000000000-0000000000.tif"


class Place:
    """A server, its second client, the host's folders and the data that belong together in this file."""

    def __init__(self, server: Server, mc: Mc, folder: Path, sample: Path) -> None:
        self.server, self.mc, self.folder = server, mc, folder
        self.home, self.data = folder / "home", folder / "state" / "data"
        save_state(folder / "state", server)
        for name in ("dw_cogs", "training"):
            shutil.copytree(sample / name, self.data / name)

    def run(
        self, playbook: str = "site", *, check: bool = False, args: tuple[str, ...] = (), **extra: Any
    ) -> PlaybookResult:
        return run_playbook(
            f"playbooks/{playbook}.yml",
            workdir=self.folder / "ansible",
            extra_vars={"control_plane_home": str(self.home), **extra},
            check=check,
            diff=True,
            args=args,
            environment={"GEOCROP_DEMO_STATE": str(self.folder / "state")},
        )

    def snapshot(self) -> dict[str, Any]:
        """All that the server holds, with the time of each object's last write."""
        return {bucket: self.mc.objects(bucket) for bucket in self.mc.buckets()}

    @property
    def report(self) -> Path:
        return self.folder / "state" / "acceptance.html"


@pytest.fixture(scope="module")
def place(start_minio: StartMinio, sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("site")
    server = start_minio()
    made = Place(server, Mc.connect(server, folder / "mc"), folder, sample_data)
    made.mc.make_bucket("geocrop-models")
    made.mc.put(MODEL, b"trained")
    return made


def changes(result: PlaybookResult) -> list[tuple[str, str, Any]]:
    """What changed, or would: the task, and its actions or the keys and their fate."""
    return [(task.role, task.task, fate(task.result)) for task in result.expect_ok().changed]


def fate(result: Any) -> Any:
    for several in ("results", "outcomes"):
        if several in result:
            return [fate(item) for item in result[several]]
    objects = [(item["key"], item["action"], item["size"]) for item in result.get("objects", [])]
    # the MD5 of an index whose ETags are not known yet is not known either
    return objects or [(action["action"], named(action["subject"])) for action in result.get("actions", [])]


def statuses(result: PlaybookResult) -> list[str]:
    return [row["status"] for row in result.task("Judge what was seen").result["ansible_facts"]["acceptance_criteria"]]


def uploaded(result: PlaybookResult) -> int:
    return sum(one["uploaded"] for task in result.of("minio_sync") for one in task.result.get("results", [task.result]))


class FirstRuns(NamedTuple):
    """Check, real, check, real, each with what the server holds afterwards."""

    results: tuple[PlaybookResult, PlaybookResult, PlaybookResult, PlaybookResult]
    snapshots: tuple[dict[str, Any], ...]
    left_by_check: list[Path]


@pytest.fixture(scope="module")
def first_runs(place: Place) -> FirstRuns:
    snapshots = [place.snapshot()]
    dry = place.run(check=True)
    snapshots.append(place.snapshot())
    left_by_check = [path for path in (place.home, place.report, place.report.with_suffix(".json")) if path.exists()]
    real = place.run()
    snapshots.append(place.snapshot())
    again = place.run(check=True), place.run(args=("-vvv",))
    snapshots.append(place.snapshot())
    return FirstRuns((dry, real, *again), tuple(snapshots), left_by_check)


@pytest.fixture
def site(place: Place, first_runs: FirstRuns) -> Place:
    """The place after its first runs."""
    assert first_runs.results[1].rc == 0
    return place


def test_from_nothing_check_real_check_real(place: Place, first_runs: FirstRuns) -> None:
    dry, real, *later = first_runs.results
    empty, after_check, full, in_the_end = first_runs.snapshots
    assert after_check == empty
    assert first_runs.left_by_check == []
    assert statuses(dry) == ["not yet"] * 8
    assert changes(real) == changes(dry)
    assert uploaded(real) == uploaded(dry) == 155
    assert statuses(real) == ["met"] * 8
    assert list(full) == BUCKETS
    for again in later:
        assert changes(again) == []
        assert uploaded(again) == 0
        assert statuses(again) == ["met"] * 8
        assert sum(counts["changed"] for counts in again.stats.values()) == 0
    assert in_the_end == full, "nothing was written again"
    holds_no_secret(place, later[-1])


def holds_no_secret(place: Place, result: PlaybookResult) -> None:
    written = [file.read_text(errors="replace") for file in (place.home / "logs").iterdir()]
    assert written
    reports = [path.read_text() for path in (place.report, place.report.with_suffix(".json"))]
    for text in (result.stdout, result.stderr, *reports, *written):
        assert place.server.secret_key not in text


def test_a_partial_set_goes_to_its_own_prefix_and_is_compared_with_the_whole(site: Place, sample_data: Path) -> None:
    """50 of the 132 files, one of them changed."""
    part = site.data / "dw_baselines"
    shutil.copytree(sample_data / "dw_baselines", part)
    names = sorted(path.name for path in part.iterdir())
    with (part / names[1]).open("r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)
        file.seek(-1, 2)
        file.write(bytes([last[0] ^ 1]))
    sets = [{"source": str(part), "prefix": "dw/zim/partial/", "on_problem": "warn", "layout": "flat"}]
    before = site.snapshot()
    done = site.run("baselines", baselines_sets=sets).expect_ok()
    said = done.task("Say how much of them the baselines have").result["results"][0]["msg"]
    assert "50 files" in said
    assert "49 are also in" in said
    assert "1 there with another content, none only here" in said
    judged = done.task("Check the further sets, and compare them with the baselines").result["results"][0]
    assert judged["compared"]["different"] == [names[1]]
    assert "1 of the same name have another content" in " ".join((done.stdout + done.stderr).split())
    assert site.mc.keys("geocrop-baselines", "dw/zim/partial/") == [f"dw/zim/partial/{name}" for name in names]
    after = site.snapshot()
    assert {k: v for k, v in after["geocrop-baselines"].items() if "/partial/" not in k} == before["geocrop-baselines"]
    assert changes(site.run("baselines", baselines_sets=sets)) == []
    nested = site.run("baselines", baselines_sets=[{**sets[0], "prefix": "dw/zim/summer/part/"}], check=True)
    assert "dw/zim/summer/part/ lies in geocrop-baselines/dw/zim/summer/" in nested.stdout
    verified = site.run("verify", baselines_sets=sets, acceptance_report="").expect_ok()
    assert "50 files below geocrop-baselines/dw/zim/partial/" in " ".join(verified.stdout.split())
    site.mc.run("rm", "--recursive", "--force", "t/geocrop-baselines/dw/zim/partial/")
    assert site.snapshot() == before


def test_another_client_finds_what_was_asked_for(site: Place) -> None:
    keys = site.mc.keys("geocrop-baselines")
    cogs = [key for key in keys if key.endswith(".tif")]
    assert len(cogs) == 132
    assert f"dw/zim/summer/2015_2016/agreement/{FIRST}" in cogs
    others = sorted(set(keys) - set(cogs))
    assert [key for key in others if key.startswith("manifests/")] == [
        "manifests/dw_baseline_index.json",
        "manifests/dw_baseline_index.schema.json",
        "manifests/dw_baseline_keys.txt",
    ]
    items = [key for key in others if key.startswith("stac/dw/zim/summer/items/")]
    assert {Path(key).stem for key in items} == {Path(key).stem for key in cogs}
    assert "stac/dw/zim/summer/collection.json" in others
    listed = (site.home / "data" / "dw_baseline_keys.txt").read_bytes()
    assert listed == site.mc.cat("geocrop-baselines/manifests/dw_baseline_keys.txt")
    assert listed.decode().splitlines() == cogs
    assert len([key for key in others if key.startswith("releases/dw/zim/summer/")]) == 1
    training = site.mc.keys("geocrop-datasets", "zimbabwe_full")
    assert len(training) == 24
    assert "zimbabwe_full/v1/metadata.json" in training
    index = json.loads(site.mc.cat("geocrop-datasets/manifests/zimbabwe_full/v1/index.json"))
    assert (sorted(index["objects"]), index["count"]) == (training, 24)
    assert index["release"] in site.mc.keys("geocrop-datasets", "releases/zimbabwe_full/v1")
    assert site.mc.cat(MODEL) == b"trained"


def test_a_changed_file_is_all_that_is_sent(site: Place) -> None:
    flip(site.data / "dw_cogs" / FIRST)
    dry = site.run("baselines", check=True)
    real = site.run("baselines")
    key = f"dw/zim/summer/2015_2016/agreement/{FIRST}"
    size = (site.data / "dw_cogs" / FIRST).stat().st_size
    assert changes(dry) == changes(real)
    assert [what for _, _, what in changes(real)] == [
        [(key, "replace", size)],
        [
            ("update", f"geocrop-baselines/stac/dw/zim/summer/items/{FIRST[:-4]}.json"),
            ("create", "geocrop-baselines/releases/dw/zim/summer/TIME-DIGEST.json"),
            ("update", "geocrop-baselines/manifests/dw_baseline_index.json"),
        ],
    ]
    assert changes(site.run("baselines")) == []


def test_verification_names_what_is_not_met_and_changes_nothing(site: Place) -> None:
    site.mc.run("rm", f"t/geocrop-baselines/dw/zim/summer/2015_2016/agreement/{FIRST}")
    site.mc.put("geocrop-datasets/zimbabwe_full/v1/metadata.json", b"{}")
    site.mc.run("anonymous", "set", "download", "t/geocrop-results")
    before = site.snapshot()
    result = site.run("verify")
    assert result.rc != 0
    assert statuses(result) == ["met", "NOT MET", "NOT MET", "NOT MET", "NOT MET", "met", "met", "met"]
    (failure,) = [task.result["msg"] for task in result.failed]
    assert "4 of 8 criteria are not met (They are private; The DW baselines are in place; " in failure
    for name in ("buckets", "baselines", "datasets"):
        assert failure.count(f"ansible-playbook -i inventory/demo playbooks/{name}.yml") == 1
    for said in (
        "geocrop-results: list allowed",
        "131 of 132",
        "missing: 2015_2016 Agreement 0000000000-0000000000",
        "metadata.json is missing or says something else",
        "follows from: The DW baselines are in place",
    ):
        assert " ".join(result.stdout.split()).count(said) == 1, "each fault is told once"
    assert "NOT MET" in site.report.read_text()
    told = json.loads(site.report.with_suffix(".json").read_text())
    assert told["verdict"]["text"] in failure
    assert told["baselines"]["missing"] == [
        {"season": "2015_2016", "type": "Agreement", "tile": "0000000000-0000000000"}
    ]
    assert "Missing since then: 2015_2016 Agreement 0000000000-0000000000." in told["changes"]["sentences"]
    assert len(told["quicklooks"]["tiles"]) == 12
    assert [sync["change"]["uploaded"] > 0 for sync in told["syncs"]] == [True, True]
    assert site.snapshot() == before
    assert site.run("verify", check=True).rc == 0, "a dry run judges, and does not fail"

    repaired = site.run()
    assert uploaded(repaired) == 1
    assert statuses(repaired) == ["met"] * 8


def test_a_false_claim_stops_before_anything_is_sent_unless_it_may_pass(site: Place) -> None:
    before = site.snapshot()
    claims = {"datasets_metadata": {"batches": 23, "total_samples": 24000}}
    for check in (True, False):
        result = site.run("datasets", check=check, **claims)
        (failure,) = [task.result["msg"] for task in result.failed]
        assert failure.startswith(f"Could not describe the data in {site.data / 'training'}: ")
        assert "total_samples: 24000 claimed, 25000 found" in failure
    assert site.snapshot() == before
    passed = site.run("datasets", check=True, **claims, datasets_claims="warn")
    assert [task.task for task in passed.expect_ok().changed] == [
        "Describe them",
        "Index them and record what each holds",
    ]
    assert "total_samples: 24000 claimed, 25000 found" in passed.stdout + passed.stderr


def test_a_published_version_stays_and_another_goes_beside_it(site: Place) -> None:
    changed = site.data / "training-2"
    shutil.copytree(site.data / "training", changed)
    batch = changed / "Zimbabwe_Full_Augmented_Batch_3.csv"
    batch.write_bytes(batch.read_bytes().replace(b"\n", b"\n9", 1))
    before = site.snapshot()
    refused = site.run("datasets", datasets_source=str(changed))
    (failure,) = [task.result["msg"] for task in refused.failed]
    assert failure == (
        "Could not publish into geocrop-datasets/zimbabwe_full/v1/: this version is published, and its files are "
        f"others now: 1 changed ({batch.name}). Make a new version, zimbabwe_full/v2/, or set immutable to false to "
        "replace this one. Nothing was changed."
    )
    assert site.snapshot() == before

    first = {"source": "{{ datasets_source }}", "prefix": "zimbabwe_full/v1", "metadata": "{{ datasets_metadata }}"}
    second = {
        "source": str(changed),
        "prefix": "zimbabwe_full/v2",
        "metadata": "{{ datasets_metadata | combine({'version': 'v2'}) }}",
    }
    both = site.run("datasets", datasets_sets=[first, second])
    assert uploaded(both.expect_ok()) == 23
    assert fate(both.task("Describe them").result)[1] == [("create", "geocrop-datasets/zimbabwe_full/v2/metadata.json")]
    described = json.loads(site.mc.cat("geocrop-datasets/zimbabwe_full/v2/metadata.json"))
    digests = {one["name"]: one["sha256"] for one in described["measured"]["files"]}
    assert (described["version"], described["measured"]["rows"]) == ("v2", 25000)
    for name, digest in digests.items():
        stored = site.mc.cat(f"geocrop-datasets/zimbabwe_full/v2/{name}")
        assert hashlib.sha256(stored).hexdigest() == digest == hashlib.sha256((changed / name).read_bytes()).hexdigest()


def test_what_is_wrong_with_the_data_stops_the_upload_and_is_told_at_once(site: Place) -> None:
    """Each kind of fault in one run; the unit tests have all of a kind."""
    cogs, before = site.data / "dw_cogs", site.snapshot()
    kept = shutil.copytree(cogs, site.folder / "kept")
    first = sorted(cogs.iterdir())
    (cogs / "notes.tif").write_text("hello")
    first[1].rename(first[1].with_suffix(".TIF"))
    first[2].write_bytes(first[2].read_bytes()[:10_000])
    shutil.copyfile(first[4], first[8])
    first[12].rename(cogs / first[12].name.replace("2018_2019", "2018_2020"))
    first[20].rename(cogs / "kept")
    first[23].rename(first[20])
    (cogs / "kept").rename(first[23])
    try:
        results = [site.run("baselines", check=check) for check in (True, False)]
    finally:
        shutil.rmtree(cogs)
        kept.rename(cogs)
    for result in results:
        (failed,) = result.failed
        problems = {Path(row["path"]).name: row["problem"] for row in failed.result["problems"]}
        assert {name: text for name, text in problems.items() if "its last block" not in text} == {
            "notes.tif": "it is not a TIFF",
            first[1].with_suffix(".TIF").name: f"its name should be {first[1].name}: rename it",
            first[8].name: f"it has the same content as {first[4].name}",
            first[12].name.replace("2018_2019", "2018_2020"): "its season 2018_2020 is not two consecutive years",
            first[20].name: "its name says row 0, column 0, but it lies in row 1, column 1",
            first[23].name: "its name says row 1, column 1, but it lies in row 0, column 0",
        }
        assert "cut short" in problems[first[2].name]
        assert len(failed.result["missing"]) == 2
        assert "2 of 132 expected files are missing: season 2015_2016, type Agreement, tile" in failed.result["msg"]
        assert uploaded(result) == 0
    assert site.snapshot() == before


def test_a_flat_layout_by_one_variable(site: Place) -> None:
    flat = {
        "baselines_layout": "flat",
        "baselines_prefix": "flat/",
        "baselines_manifest": "",
        "baselines_manifest_object": "",
        "baselines_index_object": "",
    }
    assert uploaded(site.run("baselines", **flat)) == 132
    assert f"flat/{FIRST}" in site.mc.keys("geocrop-baselines", "flat")


def test_the_last_release_comes_back_and_so_does_the_one_after(site: Place) -> None:
    """Foretold, done, and nothing more to do; the index names the release of what is on the host again."""
    bucket = "geocrop-baselines"
    key = f"dw/zim/summer/2015_2016/agreement/{FIRST}"
    site.mc.run("version", "enable", f"t/{bucket}")
    flip(site.data / "dw_cogs" / FIRST)
    site.run("baselines").expect_ok()
    last = site.mc.cat(f"{bucket}/{key}")
    dry, real = site.run("rollback", check=True, release="previous"), site.run("rollback", release="previous")
    assert changes(dry) == changes(real)
    assert [what for _, _, what in changes(real)] == [
        [(key, "replace", len(last))],
        [
            ("update", f"{bucket}/stac/dw/zim/summer/items/{FIRST[:-4]}.json"),
            ("update", f"{bucket}/manifests/dw_baseline_index.json"),
        ],
    ]
    assert site.mc.cat(f"{bucket}/{key}") != last
    release = real.of("minio_rollback")[0].result["release"].rsplit("/", 1)[-1]
    assert changes(site.run("rollback", release=release[:-5])) == []
    assert changes(site.run("rollback", release="latest")) != []
    assert site.mc.cat(f"{bucket}/{key}") == last
    assert "Name the release" in site.run("rollback", release="").stdout


def test_a_training_set_comes_back_with_its_description(site: Place) -> None:
    bucket, place = "geocrop-datasets", {"datasets_prefix": "rolled/v1/", "datasets_include": ["extra.csv"]}
    metadata = {"version": "v1"}
    options = {**place, "datasets_metadata": metadata, "datasets_batch_pattern": "", "datasets_immutable": False}
    site.mc.run("version", "enable", f"t/{bucket}")
    descriptions = []
    for content in (b"class,b\nwater,2\n", b"class,b\nwater,3\ngrass,4\n"):
        (site.data / "training" / "extra.csv").write_bytes(content)
        site.run("datasets", **options).expect_ok()
        descriptions.append(site.mc.cat(f"{bucket}/rolled/v1/metadata.json"))
    assert descriptions[0] != descriptions[1]
    site.run("rollback", release="previous", rollback_of="datasets", **options).expect_ok()
    assert site.mc.cat(f"{bucket}/rolled/v1/extra.csv") == b"class,b\nwater,2\n"
    assert site.mc.cat(f"{bucket}/rolled/v1/metadata.json") == descriptions[0]


def flip(path: Path) -> None:
    """Change a pixel of the last block."""
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)
