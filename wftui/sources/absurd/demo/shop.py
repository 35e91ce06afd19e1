"""A shop on Absurd, as a user would write it: workers, and whatever keeps them busy; until somebody ends it."""

from __future__ import annotations

import contextlib
import itertools
import random
import sys
import threading
import time
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import absurd_sdk
import psycopg

from wftui.sources.absurd.demo.runs import RUN_TABLE, Office

if TYPE_CHECKING:
    from collections.abc import Callable

ARRIVAL = 6.0
"""Seconds between two later arrivals."""
WORKERS = {"orders": 6, "reports": 5, "ml": 2, "mail": 5}
"""Tasks at a time, by queue."""
Params = dict[str, Any]


class PaymentDeclined(Exception):  # noqa: N818 - as a user would name it
    """The bank said no."""


class QuotaExceeded(RuntimeError):  # noqa: N818 - as a user would name it
    """The other side wants to be left alone."""


class SchemaDrift(ValueError):  # noqa: N818 - as a user would name it
    """A file has other columns than it had."""


_FAILURES: dict[str, Callable[[Params], Exception]] = {
    "declined": lambda p: PaymentDeclined(f"card of order {p['order']} was declined for {p['amount']:.2f} EUR"),
    "quota": lambda p: QuotaExceeded(f"429 Too Many Requests: account {p['account']}, try again in 30 s"),
    "drift": lambda p: SchemaDrift(f"column 'vat_id' is missing in {p.get('file', 'suppliers.csv')}, row 18,204"),
    "memory": lambda p: MemoryError(f"epoch {p.get('epoch', 1)}: batch of 4096 does not fit into 24 GB"),
}
_tries: Counter[str] = Counter()


def work(params: Params, ctx: Any) -> dict[str, Any]:
    """Take the time, write checkpoints, wait, and fail as the parameters say."""
    _tries[ctx.task_id] += 1
    seconds = float(params.get("seconds", 1.0))
    parts: list[str] = params.get("parts") or []
    for part in parts:
        ctx.step(part, lambda: _busy(seconds / len(parts)))
    if not parts:
        _busy(seconds)
    if "sleep" in params:
        ctx.sleep_for("cool down", float(params["sleep"]))
    if "event" in params:
        payload = ctx.await_event(params["event"], timeout=params.get("timeout"))
        ctx.step("received", lambda: payload)
    if "fails" in params and _tries[ctx.task_id] <= params.get("failures", 1):
        raise _FAILURES[params["fails"]](params)
    return {"ok": True, "rows": random.randint(100, 90_000)}  # noqa: S311 - a number to look at


def newsletter(params: Params, ctx: Any) -> dict[str, Any]:
    """Send in portions, with pauses: the other side counts."""
    ctx.step("render", lambda: {"subject": params["subject"], "bytes": 48_211})
    for portion in range(1, params["portions"] + 1):
        ctx.step(f"send portion {portion}", lambda: _busy(1.5))
        ctx.sleep_for(f"pause {portion}", 12)
    return {"sent": params["portions"] * 500}


def reminder(params: Params, ctx: Any) -> dict[str, Any]:
    """Wait for a time of day."""
    ctx.step("write", lambda: {"to": params["to"]})
    ctx.sleep_until("until it is due", datetime.now(timezone.utc) + timedelta(minutes=params["minutes"]))
    return {"reminded": params["to"]}


def contract(params: Params, ctx: Any) -> dict[str, Any]:
    """Wait for a signature."""
    ctx.step("draft", lambda: {"pages": 12})
    ctx.step("send", lambda: {"to": params["to"]})
    signed = ctx.await_event(params["event"], timeout=params["timeout"])
    ctx.step("file", lambda: signed)
    return {"signed": True}


def _busy(seconds: float) -> dict[str, float]:
    time.sleep(seconds)
    return {"seconds": round(seconds, 2)}


def _work_on(app: Any, worker: str, count: int) -> None:
    """Work, and go on after a deadlock, as whoever looks after workers would see to."""
    while True:
        try:
            app.start_worker(worker_id=worker, concurrency=count, claim_timeout=600)
        except psycopg.errors.DeadlockDetected as error:
            sys.stderr.write(f"{worker}: {error}\n")


class Shop:
    """The workers of all queues.

    Args:
        url: The database.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self.mail = absurd_sdk.Absurd(url, queue_name="mail")
        self.office = Office(url)

    def open(self, names: dict[str, list[str]]) -> None:
        """Start a worker for each queue.

        Args:
            names: The tasks that `work` does, by queue.
        """
        special = {"send_newsletter": newsletter, "remind": reminder, "sign_contract": contract}
        for queue, count in WORKERS.items():
            app = absurd_sdk.Absurd(self._url, queue_name=queue)
            app.create_queue(queue)
            tasks: dict[str, Any] = dict.fromkeys(names.get(queue, ()), work)
            for name, handler in {**tasks, **(special if queue == "mail" else {})}.items():
                app.register_task(name=name)(handler)
            threading.Thread(target=_work_on, args=(app, f"{queue}-worker-1", count), daemon=True).start()

    def spawn(self, name: str, params: Params, **options: Any) -> str:
        """Spawn a task that belongs to no run. Returns its id."""
        return str(self.mail.spawn(name, params, queue="mail", **options)["task_id"])

    def first_ones(self) -> None:
        """What is there from the beginning."""
        spawn, office = self.spawn, self.office
        contract = {"to": "legal@example.com", "event": "contract.signed:2291", "timeout": 1620}
        spawn("sign_contract", contract, headers={"owner": "maria"})
        spawn("remind", {"to": "kim@example.com", "minutes": 90}, headers={"owner": "kim"})
        news = {"subject": "Twelve things to do with a cabbage", "portions": 9}
        spawn("send_newsletter", news, headers={"owner": "bo", "campaign": "2026-w47"})
        drift = {
            "file": "suppliers.csv",
            "fails": "drift",
            "failures": 9,
            "parts": ["download", "parse"],
            "seconds": 0.6,
        }
        spawn("import_suppliers", drift, max_attempts=1, headers={"owner": "eli"})
        again = {"kind": "fixed", "base_seconds": 4}
        spawn("import_prices", {**drift, "file": "prices.csv"}, max_attempts=3, retry_strategy=again)
        quota = {"account": 17, "fails": "quota", "failures": 2, "parts": ["login", "fetch"], "api_key": "sk-demo-2f9a"}
        spawn("sync_crm", quota, max_attempts=5, retry_strategy={"kind": "fixed", "base_seconds": 8})
        office.order("A-1041", 129.9)
        office.order("A-1042", 18.5, decline=True)
        office.order("A-1043", 64.0, in_stock=False)
        office.report("2026-11-20", ["de", "fr", "it", "at", "ch", "nl", "pl", "se"])
        office.training("ranker-2026-11", 6)
        office.training("ranker-wide", 2, fails=True)
        office.report("backfill-2026-q3", [f"{land}_{week}" for land in ("de", "fr", "it", "at") for week in range(12)])
        self.mail.cancel_task(spawn("remind", {"to": "ana@example.com", "minutes": 240}, headers={"owner": "ana"}))

    def later_ones(self) -> None:
        """What comes in from then on."""
        office, spawn = self.office, self.spawn
        makers: list[Callable[[int], object]] = [
            lambda n: office.order(f"A-{n}", 20.0 + n % 70),
            lambda n: spawn("resize_images", {"album": n, "parts": ["small", "medium", "large"], "seconds": 4.0}),
            lambda n: office.report(f"adhoc-{n}", ["de", "fr", "it"]),
            lambda n: spawn("sync_crm", {"account": n, "fails": "quota", "parts": ["login", "fetch"]}, max_attempts=3),
            lambda n: office.order(f"A-{n}", 20.0 + n % 70, in_stock=n % 3 > 0),
            lambda n: spawn("send_newsletter", {"subject": f"News {n}", "portions": 3}),
            lambda n: office.order(f"A-{n}", 20.0 + n % 70, decline=n % 2 > 0),
        ]
        for number, make in zip(itertools.count(1044), itertools.cycle(makers), strict=False):
            time.sleep(ARRIVAL)
            make(number)


def main(url: str) -> None:
    """Work until somebody ends us."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(RUN_TABLE)
        connection.execute("create index on workflow_run (status, started_at)")
    shop = Shop(url)
    plain = ["import_suppliers", "import_prices", "sync_crm", "resize_images"]
    shop.open({**shop.office.task_names(), "mail": plain})
    threading.Thread(target=shop.office.resume_forever, daemon=True).start()
    shop.first_ones()
    with contextlib.suppress(KeyboardInterrupt):
        shop.later_ones()
