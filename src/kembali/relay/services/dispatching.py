"""Call endpoints side by side: one thread with the database, and a thread for each call under way."""

from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from types import TracebackType

from kembali.infra.http import Client
from kembali.relay.contracts import Outcome
from kembali.relay.services.calling import TIMEOUT_S, Call, make_call
from kembali.relay.services.endpoints import MOST_ENDPOINTS, default_client
from kembali.relay.services.settling import settle
from kembali.relay.services.taking import PLACES, Result, take_due

LEASE = timedelta(seconds=4 * TIMEOUT_S)


class Dispatcher:
    """Delivers what is due. Any number may run at once, in any number of processes; each belongs to one thread.

    At least once: what a killed process had under way is sent again after its lease, under the same `webhook-id`.
    """

    def __init__(self, *, client: Client | None = None, lease: timedelta = LEASE) -> None:
        self._client = client or default_client()
        self._lease = lease
        self._callers = ThreadPoolExecutor(PLACES * MOST_ENDPOINTS, thread_name_prefix="kembali-relay")
        self._under_way: dict[Future[Outcome], Call] = {}

    def __enter__(self) -> "Dispatcher":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._callers.shutdown(wait=False, cancel_futures=True)

    def step(self, *, at: datetime, patience_s: float = 0.2) -> int:
        """Settle what was answered, begin what is due; return how much is under way or was settled.

        Waits up to `patience_s` for the next answer: call it again and again. Never waits for a slow endpoint.
        """
        done, _ = wait(self._under_way, timeout=patience_s, return_when=FIRST_COMPLETED)
        results: list[Result] = [(self._under_way[one], one.result()) for one in done]
        settle(results, at=at)
        for one in done:  # not before: without a database the answers are kept for the next step
            del self._under_way[one]
        busy = Counter(call.endpoint_id for call in self._under_way.values())
        calls, hopeless = take_due(at=at, busy=busy, lease=self._lease)
        settle(hopeless, at=at)
        for call in calls:
            self._under_way[self._callers.submit(make_call, call, self._client)] = call
        return len(results) + len(hopeless) + len(self._under_way)

    def run_until_idle(self, *, at: datetime) -> int:
        """Step until nothing is due or under way; return how many calls there were. For commands and tests."""
        count = 0
        while self.step(at=at):
            count += 1
        return count
