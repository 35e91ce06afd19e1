"""Attaching to a Ray cluster, inside the driver process, and saying in one line why it cannot be done."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import socket
import sys
import warnings
from dataclasses import dataclass

from wftui.errors import TargetError

NAMESPACE = "wftui"
CONNECT_TIMEOUT = 3.0
_RAY_EXTRA = "pip install 'wftui[ray]'"
_VERSIONS = re.compile(
    r"started with:\s*Ray: (?P<ray>\S+)\s*Python: (?P<python>\S+).*?"
    r"started with:\s*Ray: (?P<our_ray>\S+)\s*Python: (?P<our_python>\S+)",
    re.DOTALL,
)
_HTTP2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04" + bytes(5)
_SETTINGS = b"\x04"
_IS_IT_UP = "is it running? `ray status` on its head node tells"
_TOO_NEW_PYTHON = (3, 14)  # the first one for which the Rays that have ray.workflow hold no wheels


@dataclass(frozen=True, slots=True)
class Attached:
    """A cluster we are attached to.

    Attributes:
        address: Its host and port.
        ray_version: Ray's version here, and so there.
        session: Ray's name of this life of the cluster; a restarted cluster has another.
        storage: The URI or path of the workflow storage; "" where the cluster has none.
        client: Whether it goes through Ray Client.
    """

    address: str
    ray_version: str
    session: str
    storage: str
    client: bool


def attach(address: str) -> Attached:
    """Attach this process to the cluster at `address`: `auto`, `host:port` or `ray://host:port`.

    Raises:
        TargetError: It cannot be done, and why.
    """
    version = _check_environment()
    host_port = _resolve(address)
    check_port(host_port, address)
    _connect(address if address.startswith("ray://") else host_port, address)
    return Attached(host_port, version, session_name(), _kv("storage"), address.startswith("ray://"))


def no_ray_error(python: tuple[int, int] = sys.version_info[:2]) -> TargetError:
    """What to say where Ray is not installed, on that Python."""
    if python >= _TOO_NEW_PYTHON:
        return TargetError(
            f"Ray is not installed, and no Ray that has ray.workflow runs on Python {python[0]}.{python[1]}",
            "use Python 3.10 to 3.13 for live clusters; storage directories open without Ray",
        )
    return TargetError("Ray is not installed", f"{_RAY_EXTRA}; storage directories open without it")


def check_port(host_port: str, address: str) -> None:
    """Whether Ray, or at least something that speaks gRPC, answers there: Ray itself would try for minutes.

    A gRPC server greets who begins to speak HTTP/2 to it (RFC 9113, section 3.4) with a SETTINGS frame, at once.

    Raises:
        TargetError: Nothing does, or the address is malformed.
    """
    host, _, port = host_port.rpartition(":")
    if not host or "@" in host or not port.isdigit() or not 0 < int(port) < 65536:
        raise TargetError(f"{address!r} is no address of a Ray cluster", "give auto, host:port or ray://host:10001")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_TIMEOUT) as connection:
            if os.environ.get("RAY_USE_TLS") == "1":
                return
            connection.sendall(_HTTP2_PREFACE)
            greeting = connection.recv(9)
    except TimeoutError:
        raise TargetError(f"no Ray cluster answers at {host_port} within {CONNECT_TIMEOUT:.0f} s", _IS_IT_UP) from None
    except OSError as error:
        why = error.strerror or str(error) or type(error).__name__
        raise TargetError(f"no Ray cluster at {host_port}: {why}", _IS_IT_UP) from None
    if greeting[3:4] != _SETTINGS:
        raise TargetError(f"what answers at {host_port} is no Ray cluster", _IS_IT_UP)


def session_name() -> str:
    """Ray's name of this life of the cluster.

    Raises:
        Exception: Whatever Ray raises when the cluster does not answer.
    """
    return _kv("session_name")


def detach() -> None:
    """Let go of the cluster, whatever state we are in."""
    import ray

    with contextlib.redirect_stderr(None):
        ray.shutdown()


def _check_environment() -> str:
    try:
        import ray
    except ImportError:
        raise no_ray_error() from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import ray.workflow
    except ImportError as error:
        if error.name and error.name.startswith("pyarrow"):
            raise _no_pyarrow() from None
        raise TargetError(
            f"Ray {ray.__version__} has no ray.workflow (it was removed in 2.48)",
            "install the cluster's own version, below 2.48: pip install 'ray[default,client]<2.48'",
        ) from None
    try:
        import pyarrow  # noqa: F401 - only whether it is there
    except ImportError:
        raise _no_pyarrow() from None
    return str(ray.__version__)


def _no_pyarrow() -> TargetError:
    return TargetError("pyarrow is not installed; every Ray workflow storage needs it", _RAY_EXTRA)


def _resolve(address: str) -> str:
    """The host and port behind what the user gave."""
    if address.startswith("ray://"):
        return address[len("ray://") :].split("?")[0].rstrip("/")
    if address != "auto":
        return address
    from ray._private.services import canonicalize_bootstrap_address_or_die

    logging.getLogger("ray").setLevel(logging.CRITICAL)
    try:
        return str(canonicalize_bootstrap_address_or_die("auto"))
    except ConnectionError as error:
        if "multiple" in str(error):
            found = re.search(r"\{(.*)\}", str(error))
            which = found.group(1).replace("'", "") if found else "several"
            raise TargetError(f"several Ray clusters run on this machine: {which}", "give one as host:port") from None
        raise TargetError(
            "no Ray cluster runs on this machine", "give host:port, ray://host:10001 or a storage directory"
        ) from None


def _connect(where: str, address: str) -> None:
    try:
        try:
            _init(where)
        except ConnectionAbortedError as error:
            # Ray Client's proxy starts a server for each client and gives up when that is not up in time; the next one
            # finds the machine warm. Versions that do not fit come as the same error, and stay.
            if _VERSIONS.search(str(error)):
                raise
            _init(where)
    except Exception as error:  # noqa: BLE001 - Ray raises a dozen kinds here; every one is told, none hidden
        raise _explain(error, address) from None


def _init(where: str) -> None:
    import ray

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ray.init(address=where, namespace=NAMESPACE, log_to_driver=False, logging_level=logging.CRITICAL)


def _explain(error: Exception, address: str) -> TargetError:
    text = str(error)
    if found := _VERSIONS.search(text):
        return _mismatch(found["ray"], found["python"], found["our_ray"], found["our_python"])
    if "grpc" in text.lower() and isinstance(error, ImportError):
        return TargetError("ray:// needs grpcio, which is not installed", _RAY_EXTRA)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first = lines[0] if lines else "no reason given"
    if first.endswith(":") and len(lines) > 1:
        # Ray Client sends what its server said, or the traceback there, in whose last line stands what was raised.
        first = f"{first} {lines[-1] if 'Traceback' in text else lines[1]}"
    if "node_ip_address" in text or "raylet" in text.lower():
        return TargetError(
            f"cannot join the Ray cluster at {address} from this machine: {first}",
            "on a machine that is no node of it, use ray://host:10001",
        )
    return TargetError(f"cannot attach to the Ray cluster at {address}: {type(error).__name__}: {first}")


def _mismatch(ray_there: str, python_there: str, ray_here: str, python_here: str) -> TargetError:
    return TargetError(
        f"the cluster runs Ray {ray_there} on Python {python_there}; here is Ray {ray_here} on Python {python_here}",
        "install wftui beside the cluster's own Ray and Python",
    )


def _kv(key: str) -> str:
    from ray.experimental import internal_kv

    value = internal_kv._internal_kv_get(key, namespace="session")
    return value.decode() if value else ""
