"""Types of settings that are parsed from text: durations, sizes, networks, web addresses, PEM files."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, TypeAdapter, ValidationError

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_BYTES = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9}


def _with_unit(units: Mapping[str, int], kind: str) -> BeforeValidator:
    """A validator that reads "15m" as 900; numbers stay as they are."""

    def read(value: Any) -> Any:
        if isinstance(value, str):
            match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", value.lower())
            if not match or (match[2] and match[2] not in units):
                raise ValueError(f"not a {kind}: {value!r}; write a number, alone or with {', '.join(units)}")
            return float(match[1]) * units.get(match[2], 1)
        return value

    return BeforeValidator(read)


def seconds_of(text: str) -> float:
    """The seconds of "15m". Raises ValueError with the reason."""
    try:
        return TypeAdapter(Duration).validate_python(text)
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


def _network(value: str) -> str:
    return str(ipaddress.ip_network(value))


def _host_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.-]{1,253}", value):
        raise ValueError("not the name of a host: write it without scheme and port, such as news.example.org")
    return value.lower().rstrip(".")


def _split_at_commas(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _web_address(value: str) -> str:
    if value and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value):
        raise ValueError("not an address such as https://kibana.example; name, password, ? and # are not allowed")
    return value


def _secret_web_address(value: SecretStr) -> SecretStr:
    if value.get_secret_value() and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value.get_secret_value()):
        raise ValueError("not an address such as https://monitoring.example/ping/KEY")
    return value


def _pem(file: Path | None) -> Path | None:
    if file is not None:
        try:
            valid = b"-----BEGIN " in file.read_bytes()
        except OSError as error:
            raise ValueError(f"cannot be read ({error.strerror}): name a readable PEM file") from error
        if not valid:
            raise ValueError("not a PEM file: it has no line with -----BEGIN")
    return file


#: Seconds.
Duration = Annotated[float, _with_unit(_SECONDS, "duration"), Field(ge=0)]
Durations = Annotated[tuple[Duration, ...], BeforeValidator(_split_at_commas)]
#: Bytes.
Size = Annotated[int, _with_unit(_BYTES, "size"), Field(gt=0)]
#: CIDR, such as 10.1.0.0/16.
Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], BeforeValidator(_split_at_commas)]
#: Names of hosts, in lower case.
Names = Annotated[tuple[Annotated[str, AfterValidator(_host_name)], ...], BeforeValidator(_split_at_commas)]
#: An address for links, without credentials, query and fragment; "" for none.
WebAddress = Annotated[str, AfterValidator(_web_address)]
#: An address that is a secret as a whole; "" for none.
SecretWebAddress = Annotated[SecretStr, AfterValidator(_secret_web_address)]
#: A file; "" for none.
File = Annotated[Path | None, BeforeValidator(lambda value: value or None)]
#: A readable PEM file; "" for none.
Pem = Annotated[Path | None, BeforeValidator(lambda value: value or None), AfterValidator(_pem)]
