"""The supervisor: restarts what dies, stops everything when asked."""

import os
import sys
import time
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


def test_what_a_dead_process_had_started_dies_before_it_is_started_again(tmp_path: Path) -> None:
    """A server killed with -9 leaves workers behind, which would go on answering at its port."""
    log = tmp_path / "grandchildren"
    helper = "import time; time.sleep(600)"
    mortal = (
        "import os, signal, subprocess, sys; "
        f"one = subprocess.Popen([sys.executable, '-c', {helper!r}]); "
        f"open({str(log)!r}, 'a').write(f'{{one.pid}} '); os.kill(os.getpid(), signal.SIGKILL)"
    )

    def stop_after_second_start() -> None:
        if log.exists() and len(log.read_text().split()) >= 2:
            supervisor._ask_to_stop()

    supervisor = Supervisor(
        commands={"mortal": [sys.executable, "-c", mortal]}, say=lambda _: None, each_second=stop_after_second_start
    )
    supervisor.start()
    supervisor.run()
    grandchildren = [int(pid) for pid in log.read_text().split()]
    assert len(grandchildren) >= 2
    deadline = time.monotonic() + 5
    while any(_is_alive(pid) for pid in grandchildren):
        assert time.monotonic() < deadline, grandchildren
        time.sleep(0.05)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Whoever adopts it may take a while to notice that it is dead.
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
