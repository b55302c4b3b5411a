"""Drivers: how a run puts a connector of yours to work (architecture.md "Drivers for the user's connector").

`command` runs a program for each cycle, `http` posts to a service of yours, `watch` waits for one that runs by
itself. All of them reach the fake systems over real sockets, as they would reach the vendor's.
"""

from leadproof.drivers.command import Command
from leadproof.drivers.driven import Driven, DrivenCycle, Driver
from leadproof.drivers.posting import Posting
from leadproof.drivers.spelling import DriverRefused, parse_driver
from leadproof.drivers.watch import Watch

__all__ = ["Command", "Driven", "DrivenCycle", "Driver", "DriverRefused", "Posting", "Watch", "parse_driver"]
