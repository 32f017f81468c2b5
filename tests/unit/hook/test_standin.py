"""The stand-ins for dataclasses and typing make the same objects as the real modules do."""

import subprocess
import sys

SCRIPT = """
import sys
if sys.argv[1] == "standin":
    from catalog.hook.standin import install
    install()
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, TypeVar, cast

assert ("inspect" in sys.modules) is (sys.argv[1] == "real")

T = TypeVar("T")
Word = Literal["a", "b"]

class Speaks(Protocol):
    def say(self) -> "Word | None": ...

@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    needed: Word
    plain: int = 5
    told: tuple[int, ...] = field(default=(1,))
    anew: dict[str, int] = field(default_factory=dict)
    late: str = field(init=False, repr=False, compare=False, default="")

    def __post_init__(self) -> None:
        if self.plain < 0:
            raise ValueError("negative")
        object.__setattr__(self, "late", self.needed * 2)

@dataclass(frozen=True, slots=True)
class Placed:
    first: int
    second: int = field(default=2)
    quiet: int = field(init=False, default=9)

def attempt(make):
    try:
        return make()
    except Exception as error:
        return type(error).__name__

def of(one):
    return one if isinstance(one, str) else [getattr(one, name) for name in type(one).__annotations__]

one = Whole(needed="a")
print(of(one), of(Whole(needed="b", plain=1, told=(), anew={"x": 1})), of(replace(one, plain=7)))
print(one.anew is not Whole(needed="a").anew)
print(of(Placed(1)), of(Placed(1, 3)), of(Placed(second=4, first=0)))
for wrong in (lambda: Whole(), lambda: Whole(needed="a", other=1), lambda: Whole(needed="a", plain=-1),
              lambda: Whole(needed="a", late="x"), lambda: Placed()):
    print(of(attempt(wrong)))
print(cast("Word", 3))
match Placed(6, 7):
    case Placed(first=6, second=second):
        print(second)
"""


def test_classes_made_with_the_stand_ins_are_those_that_the_real_modules_make() -> None:
    said = [
        subprocess.run([sys.executable, "-S", "-c", SCRIPT, how], capture_output=True, check=True, text=True, env=ENV)
        for how in ("real", "standin")
    ]
    assert said[0].stdout == said[1].stdout
    assert said[0].stdout.count("TypeError") == 4


ENV = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
