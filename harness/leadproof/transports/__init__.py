"""How requests reach a system: in process, over HTTP, recorded, replayed, or with wire faults."""

from leadproof.transports.exchange import Exchange, read_exchanges, write_exchanges
from leadproof.transports.faulty import FAULT_KINDS, FaultKind, Faulty, WireFault
from leadproof.transports.in_process import InProcess
from leadproof.transports.protocol import Request, Response, Transport, TransportFailed, WireKind
from leadproof.transports.recording import Recording
from leadproof.transports.replaying import ReplayDiverged, Replaying

__all__ = [
    "FAULT_KINDS",
    "Exchange",
    "FaultKind",
    "Faulty",
    "InProcess",
    "Recording",
    "ReplayDiverged",
    "Replaying",
    "Request",
    "Response",
    "Transport",
    "TransportFailed",
    "WireFault",
    "WireKind",
    "read_exchanges",
    "write_exchanges",
]
