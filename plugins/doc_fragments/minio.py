# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options that several modules have; their argument specs are in the engine."""

from __future__ import annotations


class ModuleDocFragment:
    """The fragment ``minio`` is the connection, ``minio.bucket`` is ``BUCKET``, and so on."""

    DOCUMENTATION = r"""
options:
  endpoint:
    description:
      - URL of the S3 API, as V(http://host:9000) or V(https://host).
      - Without a scheme, V(host:port) is taken as http for loopback and cluster-internal names (V(*.svc),
        V(*.svc.cluster.local)); for any other host that is an error.
      - Several are endpoints of one store, such as the nodes of a cluster; a text has commas between them. The first
        that answers is used, and the next where that one stops answering. Those that were passed over are warnings.
      - The environment variable E(MINIO_ENDPOINT) of the managed host is used where the option is missing.
    type: list
    elements: str
  access_key:
    description:
      - Access key. Falls back to E(MINIO_ACCESS_KEY) of the managed host.
    type: str
  secret_key:
    description:
      - Secret key. Falls back to E(MINIO_SECRET_KEY) of the managed host.
    type: str
  session_token:
    description:
      - Session token of temporary credentials. Falls back to E(MINIO_SESSION_TOKEN) of the managed host.
    type: str
  region:
    description:
      - Region that requests are signed for. Asked of the server where it is missing.
    type: str
  ca_cert:
    description:
      - Path, on the managed host, of the PEM certificate of the authority that signed the server's certificate.
      - The certificate itself may stand here instead.
    type: path
  client_cert:
    description:
      - Path, on the managed host, of the PEM certificate that the client shows, where the server asks for one.
    type: path
  client_key:
    description:
      - Path, on the managed host, of its private key, where it is not in the same file.
    type: path
  server_name:
    description:
      - Another name that the server's certificate may be issued for, where O(endpoint) is an address that it does not
        have, as that of a Service of a cluster. The certificate must still be valid, for the one or the other.
    type: str
  validate_certs:
    description:
      - Whether the server's certificate must be valid. Switching it off gives a warning.
    type: bool
    default: true
  timeout:
    description:
      - Seconds until a request without an answer counts as failed, with all of its tries and the pauses between them.
    type: float
    default: 60
  retries:
    description:
      - Further tries, with growing pauses, after a transient failure (V(503 SlowDown), a reset connection), as long as
        O(timeout) allows.
    type: int
    default: 5
  sign_payloads:
    description:
      - Whether what is uploaded is signed with its SHA-256, so that nobody on the way can change it where there is no
        TLS. Else its CRC-32 is signed, which finds what chance changes, and not what somebody means to change.
      - Each file is read once more for it. Over TLS it says nothing new.
    type: bool
    default: false
requirements:
  - python >= 3.9
  - minio >= 7.2.20 (Python library, on the managed host)
notes:
  - The modules run on the managed host; the role control_plane makes a virtual environment there for them.
"""

    BUCKET = r"""
options:
  bucket:
    description:
      - Name of the bucket.
    type: str
    required: true
"""

    PREFIX = r"""
options:
  prefix:
    description:
      - Where in the bucket; only keys below it are meant. It ends at a C(/), whether written or not, so V(datasets)
        never takes in V(datasets-v2/).
    type: str
    default: ""
"""

    ASSUME_BUCKET = r"""
options:
  assume_bucket:
    description:
      - In check mode, take a missing bucket as one that an earlier task would create.
    type: bool
    default: false
"""

    ASSUME_CREATED = r"""
options:
  assume_created:
    description:
      - In check mode, take policies and users that are missing as ones that an earlier task would create.
    type: bool
    default: false
"""

    FOLDER = r"""
options:
  path:
    description:
      - Folder with the files, on the managed host.
    type: path
    required: true
  recurse:
    description:
      - Whether files in subfolders count.
    type: bool
    default: true
"""

    SELECTION = r"""
options:
  include:
    description:
      - Globs of the names that are meant, as V(*.tif); all, where it is left out.
      - Globs mean what they mean in gitignore(5). One without C(/), or with C(/) only at its end, is matched against
        each component of a path below the folder or of a key below the prefix, another one against the whole path.
      - A glob that matches a folder stands for everything below it, so V(.git) and V(logs/) leave out whole folders.
        V(*) does not match C(/), and V(**/*.tif) matches at the top, too. See C(docs/globs.md) for a table.
    type: list
    elements: str
  exclude:
    description:
      - Globs of names to leave out, in the form of O(include).
    type: list
    elements: str
"""

    NAMING = r"""
options:
  key_pattern:
    description:
      - Regular expression with named groups that a file's name must match as a whole; its path below O(src), if the
        expression holds a C(/).
    type: str
  key_template:
    description:
      - How keys below O(prefix) are made, as V({season}/{type:snake}/{filename}). Fields are the named groups of
        O(key_pattern), and C(filename), C(dir) and C(path).
      - After a colon, V(snake), V(kebab), V(lower) or V(upper) converts. A file's key is its path where this is
        left out.
    type: str
"""

    SYNCING = r"""
options:
  recurse:
    description:
      - Whether subfolders are meant too.
    type: bool
    default: true
  unmatched:
    description:
      - What happens to names of the source that O(key_pattern) does not match. V(fail) names them before anything is
        written, V(skip) leaves them out, V(keep) takes them over under their path.
    type: str
    choices: [fail, skip, keep]
    default: fail
  compare:
    description:
      - V(content) compares content. V(size) takes equal sizes as equal content, and reads no file.
    type: str
    choices: [content, size]
    default: content
  delete_limit:
    description:
      - How many may be removed at most, as a number or as a share of what is there. Above it, all is refused before
        anything is written. With O(shard) the removals of all shards count.
    type: str
    default: "25%"
  workers:
    description:
      - Requests at a time, at most, from 1 to 64. A server that says that they are too many (C(503 SlowDown)) is sent
        half as many, and then slowly more again.
      - The default suits a store on the same host as well as one that is 100 ms away.
    type: int
    default: 16
  shard:
    description:
      - Take only a share of all names, so that several hosts can work together. Each removes only in its share.
    type: dict
    suboptions:
      index:
        description: Which share, counted from 0.
        type: int
        required: true
      count:
        description: How many shares there are.
        type: int
        required: true
  log:
    description:
      - File on the managed host that one JSON line for each entry is appended to, and one for the summary. A dry
        run marks its lines with C("check":true) and makes no folder.
      - A log that can no longer be written, as on a full disk, fails the task at its end and stops no transfer.
    type: path
  log_unchanged:
    description:
      - Whether what is unchanged is logged and returned too.
    type: bool
    default: false
  objects_limit:
    description:
      - How many entries RV(objects) holds at most. A task that works on all of them, such as C(minio_manifest) with
        what a dry run plans, needs as many as there are.
    type: int
    default: 1000
  progress_file:
    description:
      - File on the managed host that holds the progress as JSON, replaced about every second.
    type: path
"""

    DIGEST_CACHE = r"""
options:
  digest_cache:
    description:
      - SQLite file on the managed host with digests of local files. It may be removed at any time. A dry run reads
        it only. Empty for none, so that each run reads the files that it compares.
    type: path
    default: ~/.cache/geocrop-storage/digests.sqlite3
"""

    DEST_STORE = r"""
options:
  dest_endpoint:
    description:
      - URL of the store that the copies go to, in the form of O(endpoint), where it is another one. It has nothing of
        the first connection but O(timeout) and O(retries).
    type: list
    elements: str
  dest_access_key:
    description: Its access key.
    type: str
  dest_secret_key:
    description: Its secret key.
    type: str
  dest_session_token:
    description: Session token of temporary credentials for it.
    type: str
  dest_region:
    description: Its region. Asked of the server where it is missing.
    type: str
  dest_ca_cert:
    description: Its O(ca_cert).
    type: path
  dest_client_cert:
    description: Its O(client_cert).
    type: path
  dest_client_key:
    description: Its O(client_key).
    type: path
  dest_validate_certs:
    description: Its O(validate_certs).
    type: bool
    default: true
  dest_server_name:
    description: Its O(server_name).
    type: str
"""

    KUBECTL = r"""
options:
  kubectl:
    description:
      - The program, by name or path.
    type: str
    default: kubectl
  kubeconfig:
    description:
      - Path of the kubeconfig on the managed host, where it is not kubectl's own choice.
    type: path
  context:
    description:
      - Context of the kubeconfig, where it is not the current one.
    type: str
"""

    KEPT_CREDENTIALS = r"""
options:
  endpoint:
    description: URL of the store as programs reach it, for E(MINIO_ENDPOINT).
    type: str
    required: true
  access_key:
    description: Access key, for E(MINIO_ACCESS_KEY).
    type: str
  key_id:
    description:
      - What E(MINIO_ACCESS_KEY) is to be where the store keeps the identity by another key than its name, which is
        O(access_key).
    type: str
  generate:
    description: Whether a secret key may be made where there is none yet; else that is an error.
    type: bool
    default: true
  rotate:
    description: Make a new secret key in any case.
    type: bool
    default: false
  read_only:
    description: Return what is there, and change nothing; a secret key that is not there is an error.
    type: bool
    default: false
"""

    MANY = r"""
attributes:
  many:
    support: full
    description:
      - The list option does in one process what a loop does in one for each item. An item has the options of the module
        itself, and what it leaves out is as it stands beside the list.
      - In the order of the list, each item is read, planned and changed by itself. It has its own diff, and its own
        entry in RV(outcomes), which holds what the module returns for one and C(item), its name.
      - An item that fails leaves the others to go on, and the task fails at its end; the item's outcome has C(failed),
        C(msg) and C(applied). Only where the store cannot be reached are the items that follow left out.
"""

    ATTRIBUTES = r"""
attributes:
  check_mode:
    support: full
    description: In check mode all is read and planned, and nothing is written.
  diff_mode:
    support: full
    description: Shows what is before and after each change.
  idempotent:
    support: full
    description: A second run with the same options changes nothing.
"""

    READS_ONLY = r"""
attributes:
  check_mode:
    support: full
    description: Nothing is changed, in check mode or outside of it.
  diff_mode:
    support: N/A
    description: There is no change to show.
  idempotent:
    support: full
    description: Nothing is changed.
"""
