"""Documentation of the connection options that all modules share."""

from __future__ import annotations


class ModuleDocFragment:
    """The fragments ``minio`` (connection) and ``minio.attributes``."""

    DOCUMENTATION = r"""
options:
  endpoint:
    description:
      - URL of the S3 API, as V(http://host:9000) or V(https://host).
      - Without a scheme, V(host:port) is taken as http for loopback and cluster-internal names (V(*.svc),
        V(*.svc.cluster.local)); for any other host that is an error.
      - The environment variable E(MINIO_ENDPOINT) of the managed host is used where the option is missing.
    type: str
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
  validate_certs:
    description:
      - Whether the server's certificate must be valid. Switching it off gives a warning.
    type: bool
    default: true
  timeout:
    description:
      - Seconds without an answer until a request counts as failed.
    type: float
    default: 60
  retries:
    description:
      - Further tries, with growing pauses, after a transient failure (V(503 SlowDown), a reset connection, a time-out).
    type: int
    default: 5
requirements:
  - python >= 3.9
  - minio >= 7.2.20 (Python library, on the managed host)
notes:
  - The modules run on the managed host; the role control_plane makes a virtual environment there for them.
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
