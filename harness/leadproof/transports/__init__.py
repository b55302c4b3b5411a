"""How requests reach a system: in process, over HTTP, recorded, replayed, or with wire faults."""

from leadproof.transports.protocol import Request, Response, Transport, TransportFailed, WireKind

__all__ = ["Request", "Response", "Transport", "TransportFailed", "WireKind"]
