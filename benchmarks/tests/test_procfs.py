from __future__ import annotations

import subprocess
import sys
import time

from benchmarks import procfs
from benchmarks.processes import kill_group


def test_stat_of_a_command_with_spaces_and_parentheses() -> None:
    line = (
        "4242 (a) b (c)) S 1 4242 77 0 -1 4194560 900 0 0 0 110 40 7 3 20 0 1 0 12345 1000 250 18446744073709551615\n"
    )
    assert procfs.parse_stat(line) == procfs.Stat(pid=4242, session=77, has_ended=False, ticks=160)


def test_memory_of_one_process_is_its_rss() -> None:
    text = (
        "00400000-7ffe000 ---p 00000000 00:00 0    [rollup]\n"
        "Rss:        5000 kB\nPss:        3100 kB\nPrivate_Clean:   1000 kB\nPrivate_Dirty:   2000 kB\n"
    )
    memory = procfs.parse_memory(text)
    assert memory == procfs.Memory(private=3000 * 1024, shared=2000 * 1024)
    assert procfs.resident([memory]) == 5000 * 1024


def test_memory_of_forks_counts_shared_pages_once() -> None:
    assert procfs.resident([procfs.Memory(10, 100), procfs.Memory(5, 90)]) == 115


def test_memory_of_a_process_that_is_gone() -> None:
    assert procfs.parse_memory("") == procfs.Memory(0, 0)
    assert procfs.resident([]) == 0


def test_busy_time_of_some_cores() -> None:
    cores = ("cpu0 1 2 4 99 99 8 16 32 0 0", "cpu1 100 0 0 99 99 0 0 0 0 0", "cpu10 7 0 0 1 1 0 0 0 0 0")
    text = "\n".join(["cpu  9 9 9 9 9 9 9 9 0 0", *cores, "intr 5"])
    assert procfs.parse_busy(text, {0}) == 63
    assert procfs.parse_busy(text, {0, 10}) == 70


def test_a_session_is_its_leader_and_its_children() -> None:
    # the leader makes a child that burns CPU and says when it has used 150 ms: the system floors its times to 10, each
    burn = "import time\nwhile time.process_time() < .15: pass\nprint('done', flush=True)\ntime.sleep(60)"
    code = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {burn!r}])"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True) as leader:
        try:
            assert leader.stdout is not None
            assert leader.stdout.readline() == b"done\n"
            deadline = time.monotonic() + 5
            while procfs.cpu_seconds(leader.pid) < 0.1 and time.monotonic() < deadline:
                pass
            assert procfs.cpu_seconds(leader.pid) >= 0.1
            assert len(procfs.session_stats(leader.pid)) == 2
            assert procfs.memory_bytes(leader.pid) > 2**20
        finally:
            kill_group(leader)
