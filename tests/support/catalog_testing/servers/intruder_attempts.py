"""A program that makes attempts and prints what came of them, as a JSON list on one line.

Each of its arguments is a JSON list: the name of an attempt and its arguments. It ends when its input does.
"""

import ctypes
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# linux/ptrace.h
PTRACE_ATTACH = 16


def library_call(name: str, *arguments: object) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


def connect(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as client:
        client.settimeout(5)
        client.connect((host, port))


def connect_unix(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path.replace("@", "\0"))


def send_to(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"hello", (host, port))


def send_message(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendmsg([b"hello"], [], 0, (host, port))


def family(number: int) -> None:
    socket.socket(number, socket.SOCK_STREAM).close()


def write(path: str) -> None:
    Path(path).expanduser().write_text("x", encoding="utf-8")


def read(path: str) -> int:
    return len(Path(path).expanduser().read_text(encoding="utf-8"))


def write_in(folder: str, name: str) -> None:
    os.chdir(folder)
    write(name)


def write_below(folder: str, name: str) -> None:
    opened = os.open(folder, os.O_RDONLY)
    os.close(os.open(name, os.O_WRONLY | os.O_CREAT, dir_fd=opened))


def write_many(folder: str, number: int) -> None:
    for index in range(number):
        try:
            write(f"{folder}/file-{index}")
        except OSError as error:
            last = error
    raise last


def signal_to(process: int, number: int) -> None:
    os.kill(process, number)


def signal_own_child() -> None:
    child = os.fork()
    if child == 0:
        signal.pause()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def read_memory(process: int) -> None:
    buffer = ctypes.create_string_buffer(8)

    class Vector(ctypes.Structure):
        _fields_ = (("base", ctypes.c_void_p), ("size", ctypes.c_size_t))

    vector = Vector(ctypes.addressof(buffer), 8)
    library_call("process_vm_readv", process, ctypes.byref(vector), 1, ctypes.byref(vector), 1, 0)


def rights(process: int | str) -> dict[str, str]:
    """Return what the kernel says of a process's capabilities and filters, and what namespaces it is in."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    said = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    spaces = {path.name: str(path.readlink()) for path in Path(f"/proc/{process}/ns").iterdir()}
    return spaces | {name: value for name, value in said.items() if name.startswith(("Cap", "Seccomp", "NoNewPrivs"))}


def environments() -> list[str]:
    """Return what can be read of the environment of every process that is seen."""
    return [path.read_text(encoding="utf-8") for path in Path("/proc").glob("[0-9]*/environ")]


def fill(folder: str) -> None:
    with (Path(folder) / "full").open("wb", buffering=0) as file:
        for number in range(100):
            file.write(b"x" * 1024 * 1024)
            if number % 2:
                break
    (Path(folder) / "full").rename(Path(folder) / f"full-{len(list(Path(folder).iterdir()))}")
    fill(folder)


def too_large(path: str) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    Path(path).write_bytes(b"x" * 3 * 1024 * 1024)


def detach() -> None:
    """Leave a child behind that nobody waits for, in a session of its own and deaf to signals."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        if os.fork() != 0:
            os._exit(0)
        os.close(0)
        os.close(1)
        os.write(writing, b"x")
        signal.pause()
    os.wait()
    os.read(reading, 1)


def stay() -> None:
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115  # it stays open
    os.write(1, b"[]\n")
    os.close(0)
    os.close(1)
    signal.pause()


def stay_busy() -> None:
    os.write(1, b"[]\n")
    while True:
        pass


ATTEMPTS: dict[str, Callable[..., Any]] = {
    "connect": connect,
    "connect unix": connect_unix,
    "send": send_to,
    "send message": send_message,
    "family": family,
    "write": write,
    "write in": write_in,
    "write below": write_below,
    "write many": write_many,
    "read": read,
    "mkdir": os.mkdir,
    "remove": os.remove,
    "rename": os.rename,
    "link": os.symlink,
    "chmod": os.chmod,
    "truncate": os.truncate,
    "signal": signal_to,
    "signal own child": signal_own_child,
    "trace": lambda process: library_call("ptrace", PTRACE_ATTACH, process, None, None),
    "read memory": read_memory,
    "rights": rights,
    "environments": environments,
    "fill": fill,
    "too large": too_large,
    "detach": detach,
    "stay": stay,
    "stay busy": stay_busy,
    "session keyring": lambda: library_call("syscall", 250 if os.uname().machine == "x86_64" else 219, 0, -3, 0),
    "type on the terminal": lambda: library_call("ioctl", 0, 0x5412, b"x"),
    "look up": lambda name: socket.getaddrinfo(name, 443),
}


def told(name: str, *arguments: Any) -> str:
    try:
        return json.dumps(ATTEMPTS[name](*arguments))
    except socket.gaierror:
        return "unknown name"
    except OSError as error:
        return os.strerror(error.errno or 0)


def main() -> None:
    results = [told(*json.loads(word)) for word in sys.argv[1:]]
    sys.stdout.write(json.dumps(results) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)


main()
