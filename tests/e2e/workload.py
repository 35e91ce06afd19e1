"""A real Ray cluster with a small workload, in a process of its own.

    python workload.py FOLDER

prints a line of JSON with the address, then answers each line on stdin with a line of JSON: `status ID`, `metadata ID`,
`list`, `output ID`; the end of stdin ends the cluster. `broken` fails until FOLDER/mended exists; `long` runs until
FOLDER/stop exists.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import ray
from ray import workflow

FOLDER = Path(sys.argv[1])


class StockError(Exception):
    """Of a class that only this script has."""


@ray.remote
def load() -> int:
    return 20


@ray.remote(num_cpus=0)
def wait_for(name: str, value: int) -> int:
    while not (FOLDER / name).exists():
        time.sleep(0.05)  # a task that is at work, not a test that waits
    return value


@ray.remote(num_cpus=0, max_retries=0)
def reserve(value: int) -> int:
    if not (FOLDER / "mended").exists():
        raise StockError(f"only {value} left of sku-81")
    return value * 2


@ray.remote
def report(value: int) -> str:
    return f"reserved {value}"


def answer(command: str, workflow_id: str) -> object:
    if command == "status":
        return str(workflow.get_status(workflow_id))
    if command == "metadata":
        return workflow.get_metadata(workflow_id)
    if command == "output":
        return workflow.get_output(workflow_id)
    return [[name, str(status)] for name, status in workflow.list_all()]


def main() -> None:
    context = ray.init(
        address="local",
        num_cpus=2,
        include_dashboard=False,
        storage=str(FOLDER / "storage"),
        _temp_dir=str(FOLDER / "ray"),
        logging_level="ERROR",
        log_to_driver=False,
    )
    workflow.init()
    workflow.run_async(report.bind(load.bind()), workflow_id="simple")
    workflow.run_async(report.bind(wait_for.bind("stop", load.bind())), workflow_id="long", metadata={"team": "search"})
    workflow.run_async(report.bind(reserve.bind(load.bind())), workflow_id="broken")
    print(json.dumps({"address": context.address_info["gcs_address"], "storage": str(FOLDER / "storage")}), flush=True)
    for line in sys.stdin:
        command, _, workflow_id = line.strip().partition(" ")
        try:
            reply = {"value": answer(command, workflow_id)}
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)
    ray.shutdown()


if __name__ == "__main__":
    main()
