"""Names and places in a Ray Workflows storage, and where in a store it lies.

The layout is that of `ray/workflow/workflow_storage.py`, the same bytes in ray 2.3.1 to 2.47.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.errors import TargetError
from wftui.model.status import Status
from wftui.sources.stores.base import KeyStore

if TYPE_CHECKING:
    from wftui.sources.stores.base import Store

ROOT_NAME = "workflows"
VALID_NAME = "_valid"
STATUS_DIR = "__status__"
DIRTY = "dirty"
META = "workflow_meta.json"
USER_RUN = "user_run_metadata.json"
PRE_RUN = "pre_run_metadata.json"
POST_RUN = "post_run_metadata.json"
COUNTERS = "duplicate_name_counter"
OBJECTS = "objects"
TASKS = "tasks"
INPUTS = "inputs.json"
PRE_TASK = "pre_task_metadata.json"
POST_TASK = "post_task_metadata.json"
USER_TASK = "user_task_metadata.json"
OUTPUTS = "outputs.json"
OUTPUT = "output.pkl"
EXCEPTION = "exception.pkl"
ARGS = "args.pkl"

TASK_FILES = frozenset(
    {INPUTS, PRE_TASK, POST_TASK, USER_TASK, OUTPUTS, OUTPUT, EXCEPTION, ARGS, "func_body.pkl", "class_body.pkl"}
)
WORKFLOW_FILES = frozenset({META, USER_RUN, PRE_RUN, POST_RUN})
WORKFLOW_DIRS = frozenset({TASKS, COUNTERS, OBJECTS})

# The directories of the index. The order matters to a scan that runs beside a manager: a workflow is put into its
# new directory before it leaves the old one, so walking the way it goes never misses it.
STATUSES = {
    "PENDING": Status.PENDING,
    "RUNNING": Status.RUNNING,
    "RESUMABLE": Status.RESUMABLE,
    "SUCCESSFUL": Status.SUCCESSFUL,
    "FAILED": Status.FAILED,
    "CANCELED": Status.CANCELED,
}

ACTIVE = frozenset({"PENDING", "RUNNING"})
"""Those of workflows that something may be working on."""

_FEW = 500
"""Names at the root of a storage are few; more, and it is the folder with the workflows."""


def status_of(word: str) -> Status:
    """The common status of Ray's word; UNKNOWN for one that Ray does not know either."""
    return STATUSES.get(word, Status.UNKNOWN)


def join(*parts: str) -> str:
    """A name in a store: the parts that are not empty, with "/" between them."""
    return "/".join(filter(None, parts))


def is_id(workflow_id: str) -> bool:
    """Whether a workflow can have that id: "a/" would be found in the directory of "a", and is another id."""
    return not workflow_id or all(workflow_id.split("/"))


def find_root(store: Store) -> str:
    """The prefix under which `__status__` and the workflows lie: "workflows" or "".

    Accepts a storage (as given to `ray.init(storage=…)`) as well as its `workflows/` folder. A storage that has no
    workflows yet is one, too.

    Raises:
        TargetError: It is neither, or cannot be listed.
    """
    if isinstance(store, KeyStore):
        kinds = _kinds_at_root(store)
    else:
        listing = store.scan([""], stat=False)[0]
        if listing.error:
            raise TargetError(f"cannot read {store.target}: {listing.error}")
        kinds = {entry.name: entry.is_dir for entry in listing.entries}
    has_index, has_folder = kinds.get(STATUS_DIR, False), kinds.get(ROOT_NAME, False)
    if has_index and has_folder:
        # Either a workflow of the id "workflows" in the folder itself, or a storage with something odd beside it.
        return ROOT_NAME if _has_index(store, ROOT_NAME) else ""
    if has_index:
        return ""
    if has_folder or VALID_NAME in kinds:
        return ROOT_NAME
    raise TargetError(
        f"not a Ray workflow storage: {store.target}",
        f"it holds neither {VALID_NAME}, {ROOT_NAME}/ nor {STATUS_DIR}/",
    )


def _kinds_at_root(store: KeyStore) -> dict[str, bool]:
    """Of the names that matter, those at the root, and whether each is a directory.

    One request tells, unless it is the folder with the workflows itself, which may be many; then each is asked for.
    """
    first = next(store.walk("", shallow=True, most=_FEW))
    found = {entry.name: entry.is_dir for entry in first}
    if len(first) >= _FEW:
        for name in (STATUS_DIR, ROOT_NAME, VALID_NAME):
            for entry in next(store.walk(name, shallow=True, most=2)):
                found[name + entry.name] = entry.is_dir
    return found


def _has_index(store: Store, prefix: str) -> bool:
    if isinstance(store, KeyStore):
        return any(next(store.walk(f"{prefix}/{STATUS_DIR}/", most=1)))
    listing = store.scan([prefix], stat=False)[0]
    return any(entry.name == STATUS_DIR and entry.is_dir for entry in listing.entries)
