"""Stand-ins for ``dataclasses`` and ``typing`` in a process that decides on one call and ends.

Importing the two, and letting them write the code of the policy's classes, takes longer than all else that the hook
program does. With the stand-ins the classes are the same but made without generated code; that they are frozen and have
no other attributes is checked everywhere else.
"""

import sys
from types import ModuleType

_NONE = object()


class _Field:
    """What a class says of one of its fields."""

    def __init__(
        self, *, default: object = _NONE, default_factory: object = None, init: bool = True, **_: object
    ) -> None:
        self.default, self.make, self.init = default, default_factory, init


def install() -> None:
    """Let later imports find the stand-ins, unless the real modules are there already."""
    if "dataclasses" not in sys.modules:
        sys.modules["dataclasses"] = _dataclasses()
    if "typing" not in sys.modules:
        sys.modules["typing"] = _Typing("typing")


def _dataclasses() -> ModuleType:
    module = ModuleType("dataclasses")
    vars(module).update(dataclass=_dataclass, field=_Field, replace=_replace)
    return module


def _dataclass(cls: type | None = None, /, **_: object) -> object:
    return _made if cls is None else _made(cls)


def _made(cls: type) -> type:
    fields = {name: vars(cls).get(name, _NONE) for name in vars(cls).get("__annotations__", ())}
    told = {name: field if isinstance(field, _Field) else _Field(default=field) for name, field in fields.items()}
    names = tuple(name for name, field in told.items() if field.init)
    defaults = {name: field.default for name, field in told.items() if field.default is not _NONE}
    anew = {name: field.make for name, field in told.items() if field.make is not None}
    known = frozenset(names)
    needed = known - defaults.keys() - anew.keys()
    checked = hasattr(cls, "__post_init__")
    for name, field in fields.items():
        if isinstance(field, _Field):
            if field.default is _NONE:
                delattr(cls, name)
            else:
                setattr(cls, name, field.default)

    def __init__(self: object, *places: object, **values: object) -> None:  # noqa: N807  # it becomes the class's own
        if places:
            values.update(zip(names, places, strict=False))
        if values.keys() != known:
            if not needed <= values.keys() <= known:
                raise TypeError(f"{cls.__name__} has other fields than {sorted(values)}")
            for name, make in anew.items():
                if name not in values:
                    values[name] = make()  # type: ignore[operator]  # a factory
            values = {**defaults, **values}
        vars(self).update(values)
        if checked:
            self.__post_init__()  # type: ignore[attr-defined]  # just looked for

    cls.__init__ = __init__  # type: ignore[misc]  # as the real one does
    cls.__match_args__ = names  # type: ignore[attr-defined, misc]  # as above
    return cls


def _replace(instance: object, **changes: object) -> object:
    names = type(instance).__match_args__  # type: ignore[attr-defined]  # every class that is made here has it
    return type(instance)(**{**{name: getattr(instance, name) for name in names}, **changes})


class _Form:
    """Anything that is only written in annotations."""

    def __getitem__(self, item: object) -> "_Form":
        return self

    def __call__(self, *_: object, **__: object) -> "_Form":
        return self

    def __or__(self, other: object) -> "_Form":
        return self

    __ror__ = __or__


class _Typing(ModuleType):
    TYPE_CHECKING = False

    Protocol = object

    def cast(self, _: object, value: object) -> object:
        return value

    def __getattr__(self, name: str) -> _Form:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Form()
