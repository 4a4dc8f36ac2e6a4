"""How the embedded PostgreSQL is set up."""

import os
from pathlib import Path

_MB = 1 << 20
_LEAST_BUFFERS, _MOST_BUFFERS = 128 * _MB, 1024 * _MB
_LIMIT_OF_A_CONTAINER = Path("/sys/fs/cgroup/memory.max")

# A longer log between two checkpoints spares writing whole pages again, and lengthens recovery: 1.4 GB took 13.5 s.
# Whole pages go into the log as they are: packing them (pglz is all the wheel knows) doubles or trebles the time of an
# index build.
_CONF = """\
# Written by kembali at every start; put your own settings into postgresql.conf, after the include line.
listen_addresses = ''
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
max_connections = 80
shared_buffers = {buffers}MB
work_mem = 16MB
temp_buffers = 32MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
wal_buffers = 64MB
checkpoint_timeout = 15min
synchronous_commit = on
wal_compression = off
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
"""


def conf(socket_dir: Path) -> str:
    """Return the contents of the included settings file."""
    return _CONF.format(socket_dir=socket_dir, buffers=shared_buffers(_memory()) // _MB)


def shared_buffers(memory: int) -> int:
    """Return the bytes of the page cache on a machine with `memory` bytes: an eighth, between 128 MB and 1 GB.

    What a day's refresh touches should fit: 500 MB in a shop of a million customers.
    """
    return max(_LEAST_BUFFERS, min(memory // 8, _MOST_BUFFERS))


def _memory() -> int:
    """Return the bytes this machine has, or this container may use."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(machine, int(_LIMIT_OF_A_CONTAINER.read_text(encoding="ascii")))
    except (OSError, ValueError):  # no such limit: "max", or another system
        return machine
