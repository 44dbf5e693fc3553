"""Rasa's own program without TensorFlow: `python -m bot.program run …` instead of `rasa run …`.

Rasa imports TensorFlow with whatever it imports, for classifiers and policies that we do not use:
355 MB of memory and some seconds of every start. Here its place is taken by empty modules, in
which Rasa's classes can be defined and nothing can be computed.
"""

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import NoReturn

LEFT_OUT = frozenset(
    {"keras", "tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text"}
)


class _NothingComputed(type):
    """Makes a class that has every attribute and takes no call."""

    def __getattr__(cls, name: str) -> type:
        return _absent(cls.__name__, name)

    def __call__(cls, *_arguments: object, **_named: object) -> NoReturn:
        raise RuntimeError(
            f"{cls.__name__} needs TensorFlow, which the bot's program leaves out: "
            "start it with `rasa` itself, or take the component out of config.yml."
        )


def _absent(owner: str, name: str) -> type:
    """Return what stands for a part of TensorFlow: a base class, a type, a function.

    Raises:
        AttributeError: Python itself looks for something that an empty module has not.
    """
    if name.startswith("__"):
        raise AttributeError(name)
    return _NothingComputed(f"{owner}.{name}", (), {})


class _EmptyModule(ModuleType):
    def __getattr__(self, name: str) -> type:
        return _absent(self.__name__, name)


class _EmptyModules(MetaPathFinder, Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] not in LEFT_OUT:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _EmptyModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave it empty."""


def leave_tensorflow_out() -> None:
    """Let every later import of TensorFlow in this process find an empty module."""
    sys.meta_path.insert(0, _EmptyModules())


if __name__ == "__main__":
    leave_tensorflow_out()
    from rasa.__main__ import main

    main()
