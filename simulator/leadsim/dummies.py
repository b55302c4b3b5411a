"""Values that a recipe leaves to the seed: `{fake: provider}` by Faker, `{text: "lead{n}@load.example"}` by number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from leadsim.engine.chance import Stream

if TYPE_CHECKING:
    from faker import Faker


class Dummies:
    """Seeded dummy values for one org. Addresses of e-mail and web are always in .example (RFC 2606)."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._faker: Faker | None = None

    def _fake(self) -> Faker:
        if self._faker is None:
            from faker import Faker  # slow to import, and most recipes need none

            self._faker = Faker("en_US")
            self._faker.seed_instance(self._stream.seed())
        return self._faker

    def value(self, written: Any, number: int, names: Mapping[str, str]) -> Any:
        """A written value, or what it stands for. ValueError for an unknown provider or `$name`."""
        if isinstance(written, str) and written.startswith("$") and not written.startswith("$$"):
            if written[1:] not in names:
                raise ValueError(f"{written!r} names no record before it that has `as: {written[1:]}`")
            return names[written[1:]]
        if isinstance(written, str) and written.startswith("$$"):
            return written[1:]
        if not isinstance(written, Mapping):
            return written
        if set(written) == {"text"}:
            return str(written["text"]).replace("{n}", str(number))
        if set(written) == {"fake"}:
            return self._provided(str(written["fake"]))
        raise ValueError(f'a value is plain, {{fake: provider}} or {{text: "... {{n}}"}}, not {dict(written)!r}')

    def _provided(self, provider: str) -> str:
        fake = self._fake()
        if provider in ("email", "safe_email", "company_email"):
            return f"{fake.user_name()}{fake.random_int(1, 9999)}@{fake.domain_word()}.example"
        if provider in ("url", "uri"):
            return f"https://{fake.domain_word()}.example/"
        make = getattr(fake, provider, None)
        if make is None or provider.startswith("_") or not callable(make):
            raise ValueError(f"Faker has no provider {provider!r}")
        made = make()
        return made if isinstance(made, str) else str(made)
