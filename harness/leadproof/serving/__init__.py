"""What `leadproof up` runs, and how the other commands find it: fake systems on ports, and the connector.

`serve(options)` runs until interrupted. `find_running()` answers the `Running` sandbox of this folder, whose
`sync`, `install` and `reset` are what the commands of these names call.
"""

from leadproof.serving.options import Options
from leadproof.serving.refusals import ServingRefused
from leadproof.serving.running import Running, RunningSystem, find_running
from leadproof.serving.up import serve

__all__ = ["Options", "Running", "RunningSystem", "ServingRefused", "find_running", "serve"]
