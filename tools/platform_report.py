"""The platform's reader of `bin/report`'s output: a checked flat mapping, and the event that it records."""

from __future__ import annotations

import math

import yaml

PREFIX = "heroku-integration-service-mesh."

Value = "str | int | float | bool"


class ReportError(Exception):
    """The platform rejects the output of bin/report, for the reason in the text."""


def parse(output: bytes) -> dict[str, Value]:
    """Returns the report as values. Raises ReportError unless it is one flat mapping of strings, integers, floats and booleans,
    with sorted keys, none twice."""
    loader = None
    try:
        loader = yaml.SafeLoader(output.decode("utf-8"))
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise ReportError("not a mapping")
        pairs = [(_key(loader, key), _value(loader, value)) for key, value in node.value]
    except UnicodeDecodeError as error:
        raise ReportError(f"not UTF-8: {error}") from error
    except yaml.YAMLError as error:
        raise ReportError(f"not YAML: {' '.join(str(error).split())}") from error
    finally:
        if loader:
            loader.dispose()
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ReportError("a key appears twice")
    if keys != sorted(keys):
        raise ReportError("keys are not sorted")
    return dict(pairs)


def event(report: dict[str, Value], *, buildpack_url: str, failed: bool) -> dict[str, Value]:
    """Returns the event of a build: the report's keys with the buildpack's prefix, and the platform's own keys."""
    prefixed = {PREFIX + key: value for key, value in report.items()}
    return {**prefixed, PREFIX + "buildpack_url": buildpack_url, PREFIX + "failed": failed}


def _key(loader: yaml.SafeLoader, node: yaml.Node) -> str:
    key = loader.construct_object(node, deep=True)
    if not isinstance(key, str):
        raise ReportError(f"a key is not a string: {key!r}")
    return key


def _value(loader: yaml.SafeLoader, node: yaml.Node) -> Value:
    value = loader.construct_object(node, deep=True)
    if type(value) not in (str, int, float, bool):
        raise ReportError(f"a value is of type {type(value).__name__}: {value!r}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ReportError(f"a value is not a finite number: {value!r}")
    return value
