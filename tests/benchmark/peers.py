"""The peers, each with its own defaults, without progress output, with credentials in the environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import partial
from pathlib import Path

from tests.support.binaries import mc_binary
from tests.support.errors import SupportError
from tests.support.paths import CACHE

from .contenders import PREFIX, Contender, Task, Way, base_environment
from .measure import Job

VENV = Path(os.environ.get("BENCH_VENV") or CACHE / "bench-venv")


def program(name: str) -> Path:
    """A program of the benchmark's virtual environment."""
    return VENV / "bin" / name


def _mc(task: Task, *, way: Way = Way.UPLOAD) -> Job:
    authorities = task.home / "mc" / "certs" / "CAs"
    authorities.mkdir(parents=True, exist_ok=True)
    if task.server.ca_cert:
        shutil.copyfile(task.server.ca_cert, authorities / "server.crt")
    scheme, _, address = task.server.endpoint.partition("://")
    login = f"{task.server.access_key}:{task.server.secret_key}"
    environment = {"MC_CONFIG_DIR": str(task.home / "mc"), "MC_HOST_b": f"{scheme}://{login}@{address}"}
    options = ["--remove"] * task.remove + (["--exclude", task.exclude] if task.exclude else [])
    ends = task.ends(way, f"b/{{}}/{PREFIX}")
    return Job([mc_binary(), "--quiet", "mirror", "--overwrite", *options, *ends], base_environment(task) | environment)


def _rclone(task: Task, *extra: str, way: Way = Way.UPLOAD) -> Job:
    environment = {
        "RCLONE_CONFIG": "/dev/null",
        "RCLONE_CONFIG_B_TYPE": "s3",
        "RCLONE_CONFIG_B_PROVIDER": "Minio",
        "RCLONE_CONFIG_B_ENDPOINT": task.server.endpoint,
        "RCLONE_CONFIG_B_ACCESS_KEY_ID": task.server.access_key,
        "RCLONE_CONFIG_B_SECRET_ACCESS_KEY": task.server.secret_key,
    } | ({"RCLONE_CA_CERT": task.server.ca_cert} if task.server.ca_cert else {})
    options = [*extra, *(["--exclude", task.exclude] if task.exclude else [])]
    ends = task.ends(way, f"b:{{}}/{PREFIX}")
    return Job([program("rclone"), "sync", *options, *ends], base_environment(task) | environment)


def _rclone_checksum(task: Task, *, way: Way = Way.UPLOAD) -> Job:
    return _rclone(task, "--checksum", way=way)


def aws_environment(task: Task) -> dict[str, str]:
    """What every tool on an AWS SDK reads."""
    return (
        base_environment(task)
        | {
            "AWS_ACCESS_KEY_ID": task.server.access_key,
            "AWS_SECRET_ACCESS_KEY": task.server.secret_key,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        | ({"AWS_CA_BUNDLE": task.server.ca_cert, "SSL_CERT_FILE": task.server.ca_cert} if task.server.ca_cert else {})
    )


def _s5cmd(task: Task, *, way: Way = Way.UPLOAD) -> Job:
    options = ["--endpoint-url", task.server.endpoint, "--log", "error"]
    source, target = task.ends(way, f"s3://{{}}/{PREFIX}/", folder=f"{task.folder}/")
    every = "" if way is Way.UPLOAD else "*"
    return Job(
        [program("s5cmd"), *options, "sync", *_aws_choices(task), f"{source}{every}", target], aws_environment(task)
    )


def _aws(task: Task, *, way: Way = Way.UPLOAD) -> Job:
    options = ["--endpoint-url", task.server.endpoint, "s3", "sync", "--only-show-errors", *_aws_choices(task)]
    return Job([program("aws"), *options, *task.ends(way, f"s3://{{}}/{PREFIX}")], aws_environment(task))


def _aws_choices(task: Task) -> list[str]:
    """s5cmd and the AWS CLI name these alike."""
    return ["--delete"] * task.remove + (["--exclude", task.exclude] if task.exclude else [])


def _s3_sync(task: Task) -> Job:
    options: dict[str, object] = {
        "bucket": task.bucket,
        "file_root": str(task.folder),
        "key_prefix": PREFIX,
        "endpoint_url": task.server.endpoint,
        "delete": task.remove,
    }
    if task.exclude:
        options["exclude"] = task.exclude
    return playbook(task, {"community.aws.s3_sync": options}, aws_environment(task))


def draw(script: str, figures: object, plot: Path) -> None:
    """Have a script of ``programs/`` draw figures, in the benchmark's own environment, which has matplotlib.

    :raises SupportError: where it does not
    """
    command = [program("python"), Path(__file__).parent / "programs" / script, plot]
    done = subprocess.run(command, input=json.dumps(figures), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SupportError(f"the plot was not drawn:\n{done.stderr}")


def playbook(task: Task, module: dict[str, object], environment: dict[str, str]) -> Job:
    """``ansible-playbook`` with one task on this host. JSON is YAML, so the play needs no file in the repository."""
    path = task.home / "play.json"
    path.write_text(
        json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [{"name": "Sync the folder", **module}]}])
    )
    ansible = {
        "ANSIBLE_CONFIG": str(CACHE.parent / "ansible.cfg"),
        "ANSIBLE_HOME": str(task.home / "ansible"),
        "ANSIBLE_LOCAL_TEMP": str(task.home / "ansible" / "local"),
        "ANSIBLE_REMOTE_TEMP": str(task.home / "ansible" / "remote"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
    }
    variables = f"ansible_connection=local ansible_python_interpreter={program('python')}"
    return Job([program("ansible-playbook"), "-i", "localhost,", "-e", variables, path], {**environment, **ansible})


MC = Contender("mc", "mc mirror", _mc)
RCLONE = Contender("rclone", "rclone sync", _rclone)
RCLONE_CHECKSUM = Contender("rclone-checksum", "rclone sync --checksum", _rclone_checksum)
S5CMD = Contender("s5cmd", "s5cmd sync", _s5cmd)
AWS = Contender("aws", "aws s3 sync", _aws)
S3_SYNC = Contender("s3_sync", "community.aws.s3_sync (playbook)", _s3_sync)


def turned(contender: Contender, way: Way) -> Contender:
    """The same program for another way."""
    return contender._replace(job=partial(contender.job, way=way))


#: The same programs, from the bucket into the folder.
FETCHING_MC = turned(MC, Way.FETCH)
FETCHING_RCLONE = turned(RCLONE, Way.FETCH)
FETCHING_S5CMD = turned(S5CMD, Way.FETCH)
