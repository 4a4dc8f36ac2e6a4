"""Events per second through the edge, each acknowledged after its commit, against what nobody can beat.

Same machine, same run, everything on loopback, one server process each: (a) a no-op application on the same server;
(b) one connection that copies the same rows into an empty table of the same definition and indexes; (c) one INSERT per
request with FastAPI and SQLAlchemy. Targets: single calls at least 0.3 of (a) and 8 times (c), batches of 100 at least
0.6 of (b). All run in turn, several rounds, and each ratio is the middle one of its rounds: what else the machine does
changes from second to second. Needs wrk and the peers (`make bench-setup`).
"""

import argparse
import base64
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from throwaway import throwaway_home

HERE = Path(__file__).resolve().parent
AT = datetime(2026, 11, 1, tzinfo=UTC)
CONNECTIONS, BATCH = 64, 100


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def serving(command: list[str], port: int, environ: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(
        command, env=os.environ | environ, cwd=HERE, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:  # a peer that still waits for somebody
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)


def granian(target: str, port: int) -> list[str]:
    return [sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(port), "--log-level", "error", target]


def load(port: int, path: str, *, token: str, run: str, size: int, seconds: int) -> dict[str, float]:
    """Return events per second, and the latency of requests in ms."""
    authorization = "Basic " + base64.b64encode(f"{token}:".encode()).decode()
    done = subprocess.run(
        ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(HERE / "peers/load.lua"),
         f"http://127.0.0.1:{port}", "--", path, authorization, run, str(size)],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    if "Non-2xx" in done or "Socket errors" in done:
        sys.exit(f"{path} failed under load:\n{done}")
    found = {name: re.search(rf"^\s*{name}%\s+([\d.]+)(us|ms|s)", done, re.M) for name in ("50", "99")}
    units = {"us": 0.001, "ms": 1.0, "s": 1000.0}
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done)
    requests = re.search(r"(\d+) requests in", done)
    return {
        "events_per_second": float(rate[1]) * size if rate else 0.0,
        "events": float(requests[1]) * size if requests else 0.0,
        **{f"p{name}_ms": round(float(one[1]) * units[one[2]], 2) for name, one in found.items() if one},
    }


def copy_same_rows(source: str, run: str) -> float:
    """Return rows per second of one connection copying a run's facts into an empty table like the log."""
    from kembali.infra.database import one_transaction

    columns = "epoch, source, message_id, kind, subject, identifiers, occurred_at, received_at, payload"
    with one_transaction() as cursor:
        cursor.execute("CREATE TABLE bare (LIKE collect_fact INCLUDING ALL)")
        with cursor.copy(
            f"COPY (SELECT {columns} FROM collect_fact WHERE source = %s AND starts_with(message_id, %s)) "
            "TO STDOUT (FORMAT binary)",
            (source, f"{run}-"),
        ) as copy:
            blocks = [bytes(block) for block in copy]
    started = time.perf_counter()
    with one_transaction() as cursor, cursor.copy(f"COPY bare ({columns}) FROM STDIN (FORMAT binary)") as copy:
        for start in range(0, len(blocks), 500):
            copy.write(b"".join(blocks[start : start + 500]))
    seconds = time.perf_counter() - started
    with one_transaction() as cursor:
        cursor.execute("SELECT count(*) FROM bare")
        rows: int = cursor.fetchall()[0][0]
        cursor.execute("DROP TABLE bare")
    return rows / seconds


def facts_of(source: str) -> int:
    from kembali.collect.models import Fact

    return Fact.objects.filter(source=source).count()


def measure(home: Path, seconds: int, rounds: int) -> list[dict[str, dict[str, float]]]:
    from kembali.accounts import api as accounts
    from kembali.infra.postgres import conninfo_of
    from kembali.infra.settings import load_settings

    tokens = {name: accounts.create_key(name, is_public=True, at=AT) for name in ("single", "batch")}
    noop, edge, peer = free_port(), free_port(), free_port()
    command = [sys.executable, "-m", "kembali", "edge"]
    # The limits are looked at, and never reached.
    ours = {"KEMBALI_HOME": str(home), "KEMBALI_EDGE_PORT": str(edge), "KEMBALI_EDGE_EVENTS_PER_KEY": str(10**9)}
    theirs = {"PEER_CONNINFO": conninfo_of(load_settings())}
    with (
        serving(granian("peers.noop:application", noop), noop, {}),
        serving(command, edge, ours),
        serving(granian("peers.insert_per_request:application", peer), peer, theirs),
    ):
        found, acknowledged = [], dict.fromkeys(tokens, 0.0)
        for number in range(rounds):
            results = {"noop": load(noop, "/v1/track", token="x", run="noop", size=1, seconds=seconds)}
            for name, path, size in (("single", "/v1/track", 1), ("batch", "/v1/batch", BATCH)):
                run = f"{name}{number}"
                results[name] = load(edge, path, token=tokens[name], run=run, size=size, seconds=seconds)
                acknowledged[name] += results[name]["events"]
            results["copy"] = {"events_per_second": copy_same_rows("public:batch", f"batch{number}")}
            results["insert"] = load(peer, "/v1/track", token="x", run=f"i{number}", size=1, seconds=seconds)
            found.append(results)
        for name, count in acknowledged.items():
            if (stored := facts_of(f"public:{name}")) < count:
                sys.exit(f"{count:.0f} events were acknowledged and {stored} stored.")
        return found


def middle(rounds: list[dict[str, dict[str, float]]], one: str, other: str) -> float:
    """Return the middle ratio of two rates over the rounds."""
    return statistics.median(
        results[one]["events_per_second"] / results[other]["events_per_second"] for results in rounds
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 rounds with 2 seconds of load each instead of 7 with 5")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("This benchmark needs wrk: run make bench-setup.")
    with throwaway_home() as home:
        rounds = measure(home, *((2, 3) if options.quick else (5, 7)))
    print(f"{'':<10}{'events/s':>12}{'p50 ms':>10}{'p99 ms':>10}   (each the middle of {len(rounds)} rounds)")
    results: dict[str, dict[str, float]] = {
        name: {
            word: statistics.median(one[name].get(word, 0.0) for one in rounds)
            for word in ("events_per_second", "p50_ms", "p99_ms")
        }
        for name in rounds[0]
    }
    for name, one in results.items():
        print(f"{name:<10}{one['events_per_second']:>12,.0f}{one['p50_ms']:>10.2f}{one['p99_ms']:>10.2f}")
    print(json.dumps({
        "benchmark": "collect",
        "single_vs_noop": round(middle(rounds, "single", "noop"), 3),
        "batch_vs_copy": round(middle(rounds, "batch", "copy"), 3),
        "single_vs_insert": round(middle(rounds, "single", "insert"), 2),
        "targets": {"single_vs_noop": 0.3, "batch_vs_copy": 0.6, "single_vs_insert": 8},
        "connections": CONNECTIONS,
        "rounds": len(rounds),
        "results": results,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
