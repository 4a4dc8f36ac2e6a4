"""Senders that behave like SDKs: what was not acknowledged is sent again, under the same message ids."""

import base64
import http.client
import json
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Senders:
    """Threads that send to one edge until they are stopped, and remember what was acknowledged."""

    port: int
    key: str
    count: int = 4
    acknowledged: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    again: int = 0
    _stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(self.count)]
        for one in self._threads:
            one.start()

    def stop(self) -> None:
        """Let each finish what it is sending: when this returns, everything ever sent is acknowledged."""
        self._stopping.set()
        for one in self._threads:
            one.join()

    def _send(self, number: int) -> None:
        place, size = 0, (1, 1, 20, 50)[number % 4]
        while not self._stopping.is_set():
            ids = [f"{number}-{place + step}" for step in range(size)]
            place += size
            while not self._taken(ids):
                self.again += 1
                time.sleep(0.05)
            self.acknowledged.update(ids)

    def _taken(self, ids: list[str]) -> bool:
        body = {"batch": [{"type": "page", "messageId": one, "anonymousId": "a1"} for one in ids]}
        headers = {"Authorization": "Basic " + base64.b64encode(self.key.encode()).decode()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("POST", "/v1/batch", json.dumps(body), headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        if answer.status not in (200, 503):
            self.wrong.append(f"answered {answer.status}")
        return answer.status == 200
