"""The supervisor: restarts what dies, stops everything when asked."""

import sys
from pathlib import Path

from kembali.infra.supervisor import Supervisor


def test_a_process_that_dies_is_started_again_and_all_stop_when_asked(tmp_path: Path) -> None:
    log = tmp_path / "starts"
    mortal = f"open({str(log)!r}, 'a').write('x'); import sys; sys.exit(3)"
    steady = f"open({str(tmp_path / 'steady')!r}, 'w').write('up'); import time; time.sleep(600)"
    said: list[str] = []

    def stop_after_second_start() -> None:
        if log.exists() and len(log.read_text()) >= 2 and (tmp_path / "steady").exists():
            supervisor._ask_to_stop()

    supervisor = Supervisor(
        commands={"mortal": [sys.executable, "-c", mortal], "steady": [sys.executable, "-c", steady]},
        say=said.append,
        each_second=stop_after_second_start,
    )
    supervisor.start()
    processes = [child.process for child in supervisor._children]
    supervisor.run()
    assert said[0] == "mortal ended with code 3; starting it again in 0 s"
    assert len(log.read_text()) >= 2
    assert all(process.poll() is not None for process in processes)
