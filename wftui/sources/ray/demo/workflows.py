"""Submits workflows to a Ray cluster for some minutes: `python workflows.py ADDRESS`.

A script as a user would write it: it stands alone, and imports nothing of wftui.
"""

# ruff: noqa: T201 - tasks print, as a user's do

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import sys
import tempfile
import time
import warnings
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ray
from ray import workflow
from ray.exceptions import RayError

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_RUNNING = 8
ARRIVAL = 7.0
"""Seconds between two later arrivals."""


class PaymentDeclined(Exception):  # noqa: N818 - as a user would name it
    """The bank said no."""

    def __init__(self, order: str, amount: float) -> None:
        super().__init__(f"card of order {order} was declined for {amount:.2f} EUR")


class QuotaExceeded(RuntimeError):  # noqa: N818 - as a user would name it
    """The other side wants to be left alone."""


class Approval(workflow.EventListener):  # type: ignore[misc]  # Ray has no types
    """Somebody has to press a button, and takes a while."""

    async def poll_for_event(self, seconds: float) -> str:
        """Wait for the button."""
        await asyncio.sleep(seconds)
        return "approved by maria"


def step(function: Callable[..., Any]) -> Any:
    """A Ray task that takes half a core, so that a few run at a time and others wait for their turn."""
    return ray.remote(num_cpus=0.5)(function)


@step
def work(name: str, seconds: float, *needs: Any) -> str:
    """Something that takes its time."""
    time.sleep(seconds)
    return f"{name}: {len(needs)} inputs, " + "x" * (zlib.crc32(name.encode()) % 4000)


@step
def train(epoch: int, seconds: float, *_needs: Any) -> str:
    """An epoch that tells how far it is: lines on stdout, a progress bar and a warning on stderr."""
    print(f"epoch {epoch}: 48211 samples in 96 batches, learning rate {0.1 / epoch:.4f}")
    if epoch % 4 == 1:
        print("warning: 3 samples have no label, they are left out", file=sys.stderr)
    for batch in range(1, 97):
        time.sleep(seconds / 96)
        bar = "#" * (batch // 4)
        print(f"\repoch {epoch} [{bar:24}] {batch}/96", end="" if batch < 96 else "\n", file=sys.stderr)
        if batch % 16 == 0:
            print(f"batch {batch:3}: loss {1.4 / (epoch + batch / 96):.4f}")
    return f"epoch {epoch}: " + "w" * 2000


@step
def charge(order: str, amount: float, *_needs: Any) -> None:
    """Take money."""
    time.sleep(1.5)
    raise PaymentDeclined(order, amount)


@step
def read_supplier(row: dict[str, str], *_needs: Any) -> str:
    """Read a row that lacks a column."""
    time.sleep(1.0)
    return row["vat_id"]


@step
def parse_price(text: str) -> float:
    """Read a number."""
    return float(text.replace(",", "."))


@step
def load_prices(*_needs: Any) -> list[float]:
    """Hand the parsing to a Ray task of its own: its error comes back wrapped, with its traceback."""
    time.sleep(1.0)
    return list(ray.get([parse_price.remote(text) for text in ("12,90", "8.50", "call us")]))


@step
def call_flaky(counter: str, failures: int, *_needs: Any) -> str:
    """Fail so many times, then answer."""
    tries = Path(counter)
    tried = int(tries.read_text()) if tries.exists() else 0
    tries.write_text(str(tried + 1))
    time.sleep(2.0)
    if tried < failures:
        raise QuotaExceeded(f"429 Too Many Requests: try again in {30 * (tried + 1)} s")
    return "200 OK"


@step
def geocode(address: str, *_needs: Any) -> str:
    """Fail, which the workflow expects."""
    time.sleep(1.0)
    raise TimeoutError(f"geocoder did not answer for {address!r} within 30 s")


@step
def report(*needs: Any) -> str:
    """Cope with whatever came."""
    time.sleep(1.0)
    return repr(needs)


@step
def backfill(day: int, days: int, *_needs: Any) -> Any:
    """One day, and then the next ones."""
    time.sleep(1.5)
    if day >= days:
        return f"{days} days"
    parts = [named(f"load_day_{day}_part_{part}", work).bind(f"{day}.{part}", 1.0 + part / 2) for part in range(3)]
    return workflow.continuation(named(f"backfill_day_{day + 1}", backfill).bind(day + 1, days, *parts))


@step
def shard(depth: int, *_needs: Any) -> Any:
    """Split until it is small enough."""
    time.sleep(1.0)
    if depth == 0:
        return "leaf"
    left, right = named(f"left_{depth}", shard).bind(depth - 1), named(f"right_{depth}", shard).bind(depth - 1)
    return workflow.continuation(named(f"merge_{depth}", work).bind("merge", 0.8, left, right))


def named(task_id: str, function: Any, **options: Any) -> Any:
    """The function with a task id, and other options of Ray Workflows or of Ray."""
    of_ray = {name: options.pop(name) for name in ("max_retries", "retry_exceptions", "num_gpus") if name in options}
    return function.options(**of_ray, **workflow.options(task_id=task_id, **options))


def etl(sources: int = 3, pace: float = 1.0) -> Any:
    """Extract from some sources, clean each, join, aggregate two ways, publish."""
    cleaned = []
    for source in ("orders", "customers", "stock", "clicks")[:sources]:
        extracted = named(f"extract_{source}", work, metadata={"source": f"postgres/{source}"}).bind(source, 2 * pace)
        cleaned.append(named(f"clean_{source}", work).bind(source, 1.5 * pace, extracted))
    joined = named("join", work, metadata={"engine": "polars"}).bind("join", 3 * pace, *cleaned)
    revenue = named("revenue_by_region", work).bind("revenue", 2 * pace, joined)
    churn = named("churn_by_segment", work).bind("churn", 4 * pace, joined)
    checked = named("check_quality", work, checkpoint=False).bind("check", 1 * pace, revenue, churn)
    return named("publish", work).bind("publish", 1 * pace, checked)


def thumbnails(images: int = 50) -> Any:
    """One listing, many images, one contact sheet."""
    listing = named("list_images", work).bind("list", 1.0)
    made = [named(f"thumbnail_{i:02}", work).bind(f"image {i}", 0.6 + i % 5 / 4, listing) for i in range(images)]
    return named("contact_sheet", work).bind("sheet", 2.0, *made)


def training(epochs: int = 24, seconds: float = 14.0) -> Any:
    """A long chain."""
    state = named("load_data", work).bind("data", 3.0)
    for epoch in range(1, epochs + 1):
        state = named(f"epoch_{epoch:02}", train, metadata={"lr": 0.1 / epoch}).bind(epoch, seconds, state)
    return named("evaluate", work).bind("evaluate", 3.0, state)


def invoice(order: str, amount: float) -> Any:
    """Fails when it comes to money; what is beside it goes on."""
    reserved = named("reserve_stock", work).bind("reserve", 1.0)
    charged = named("charge_card", charge, max_retries=0).bind(order, amount, reserved)
    label = named("print_label", work).bind("label", 2.0, reserved)
    return named("ship", work).bind("ship", 1.0, charged, label)


def suppliers() -> Any:
    """Fails with a KeyError."""
    fetched = named("fetch_csv", work).bind("fetch", 1.0)
    row = {"name": "ACME [EU] Ltd", "country": "DE"}
    return named("store", work).bind("store", 1.0, named("read_supplier", read_supplier).bind(row, fetched))


def prices() -> Any:
    """Fails in a Ray task of a task."""
    return named("publish_prices", work).bind("publish", 1.0, named("load_prices", load_prices).bind())


def crm(folder: str, failures: int = 2) -> Any:
    """Succeeds at the third attempt."""
    counter = os.path.join(tempfile.mkdtemp(dir=folder), "tries")
    called = named("call_api", call_flaky, max_retries=4, retry_exceptions=True).bind(counter, failures)
    return named("update_contacts", work).bind("update", 1.0, called)


def geo() -> Any:
    """Catches an error and goes on."""
    caught = [
        named(f"geocode_{city.lower()}", geocode, catch_exceptions=True).bind(city) for city in ("Ulm", "Köln", "Bern")
    ]
    return named("report", report).bind(*caught)


def approval(seconds: float) -> Any:
    """Waits for an event."""
    draft = named("write_contract", work).bind("draft", 2.0)
    pressed = workflow.wait_for_event(Approval, seconds)
    return named("send_contract", work).bind("send", 1.0, draft, pressed)


def market() -> Any:
    """Waits for a time."""
    return named("place_orders", work).bind("orders", 1.0, workflow.sleep(150))


def finetuning() -> Any:
    """Asks for a GPU, which the cluster does not have: it waits for as long as nobody adds one."""
    corpus = named("tokenize_corpus", work).bind("corpus", 3.0)
    tuned = named("finetune_model", work, num_gpus=1).bind("finetune", 60.0, corpus)
    return named("publish_model", work).bind("publish", 1.0, tuned)


def scores(seconds: float = 1.2) -> Any:
    """Small, and always the same; when its second task takes longer than ever, somebody should look."""
    orders = named("read_orders", work).bind("orders", 0.4)
    scored = named("score_orders", work).bind("scores", seconds, orders)
    return named("write_scores", work).bind("write", 0.4, scored)


def submit(workflow_id: str, dag: Any, team: str, owner: str, env: str = "prod", **more: Any) -> Any:
    """Submit, and do not wait. Returns the reference to its output."""
    return workflow.run_async(dag, workflow_id=workflow_id, metadata={"team": team, "owner": owner, "env": env, **more})


def what_was_before() -> None:
    """Earlier runs, and two that were left behind: the manager dies while they run, so they are RESUMABLE."""
    workflow.init(max_running_workflows=MAX_RUNNING)
    submit("reindex-catalog", etl(2, pace=5.0), "search", "bo", ticket="OPS-1184")
    submit("archive-logs-2026-w46", training(6, 6.0), "platform", "kim", env="staging")
    manager = ray.get_actor("WorkflowManagementActor", namespace="workflow")
    began = time.monotonic()
    ray.get([submit(f"hourly-scores-{hour:02}", scores(), "sales", "eli") for hour in range(6, 12)])
    time.sleep(max(0.0, began + 9.0 - time.monotonic()))
    ray.kill(manager)
    while True:
        try:
            ray.get(manager.ready.remote())
        except RayError:
            return


def nightly(night: str) -> Any:
    """The same every night: how long the last one took tells when this one will be done."""
    return submit(f"nightly-etl-{night}", etl(4, 2.0), "data", "ana", schedule="0 2 * * *")


def first_ones(folder: str) -> Any:
    """What is there from the beginning. Returns the reference to the output of last night's run."""
    last_night = nightly("2026-11-19")
    submit("image-thumbnails", thumbnails(), "web", "bo", bucket="s3://shop-images")
    submit("train-churn-model", training(), "ml", "chris", gpu=False, params={"depth": 6, "trees": 400})
    submit("hourly-scores-12", scores(900.0), "sales", "eli")
    submit("finetune-support-bot", finetuning(), "ml", "chris", ticket="ML-310")
    submit("invoice-4711", invoice("4711", 129.9), "sales", "dana", customer={"id": 977, "country": "DE"})
    submit("sync-crm", crm(folder), "sales", "dana", env="staging")
    submit("import-suppliers", suppliers(), "purchasing", "eli", env="staging")
    submit("backfill-orders", named("backfill_day_1", backfill).bind(1, 6), "data", "ana", days=6)
    submit("contract-2291-approval", approval(100.0), "legal", "maria")
    submit("place-orders-at-open", market(), "trading", "kim", market="XETRA")
    submit("shard-user-index", named("root", shard).bind(3), "search", "bo", env="dev")
    submit("enrich-addresses", geo(), "data", "eli", env="staging")
    submit("import-prices", prices(), "purchasing", "eli")
    submit("forecast-q4", training(20, 5.0), "ml", "chris", env="dev")
    return last_night


def later_ones(folder: str, last_night: Any) -> None:
    """What comes in over the next minutes."""
    tonight = None
    numbers = itertools.count(4712)
    makers: list[Callable[[int], None]] = [
        lambda n: submit(f"invoice-{n}", etl(2, 0.4), "sales", "dana", customer={"id": n % 97}),
        lambda n: submit(f"thumbnails-batch-{n}", thumbnails(8), "web", "bo"),
        lambda n: submit(f"invoice-{n}", invoice(str(n), 19.0 + n % 60), "sales", "dana", env="staging"),
        lambda n: submit(f"sync-crm-{n}", crm(folder, 1), "sales", "dana", env="staging"),
        lambda n: submit(f"adhoc-report-{n}", etl(3, 0.7), "data", "ana", env="dev", requested_by="finance"),
        lambda n: submit(f"backfill-{n}", named("backfill_day_1", backfill).bind(1, 3), "data", "ana", days=3),
    ]
    for number, make in zip(numbers, itertools.cycle(makers), strict=False):
        time.sleep(ARRIVAL)
        if tonight is None and ray.wait([last_night], timeout=0)[0]:
            tonight = nightly("2026-11-20")
        make(number)


def main(address: str) -> None:
    """Submit until somebody ends us."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ray.init(address=address, log_to_driver=False, logging_level=logging.CRITICAL)
    # Absolute: workers have other working directories.
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        what_was_before()
        workflow.init(max_running_workflows=MAX_RUNNING)
        last_night = first_ones(folder)
        time.sleep(20.0)
        if workflow.get_status("forecast-q4") == workflow.RUNNING:
            workflow.cancel("forecast-q4")
        later_ones(folder, last_night)


if __name__ == "__main__":
    main(sys.argv[1])
