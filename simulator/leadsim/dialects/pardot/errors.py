"""What is refused, by the vendor's numbers: one registry for all versions of the API.

Codes and texts: the vendor's page "Error Codes and Messages"; statuses and forms that were recorded:
vendors/salesforce-pardot-dynamics-eloqua.md 2A, 2E.
"""

from __future__ import annotations

from collections.abc import Mapping

from leadsim.gateway.refusal import (
    AddressRefused,
    CodingRefused,
    FaultFired,
    GatewayRefusal,
    LoginRefused,
    NotPermitted,
    QuotaSpent,
    TooLarge,
    UnknownOrg,
)

NOT_SIMULATED = 501
"""Not a code of the vendor's: what the vendor has and this sandbox has not, with that status."""

MESSAGES: Mapping[int, str] = {
    1: "Invalid API key or user key",
    2: "Invalid action",
    3: "Invalid prospect ID",
    4: "Invalid prospect email address",
    5: "Invalid query parameters",
    7: "Invalid timestamp",
    8: "Invalid time range",
    9: "A prospect with the specified email address already exists",
    10: "Invalid user ID",
    11: "Invalid user email address",
    12: "Invalid group ID",
    13: "One or more required parameters are missing",
    14: "Non-existent prospect ID; No email address provided",
    15: "Login failed",
    16: "Invalid ID",
    17: "Invalid ID range",
    19: "Invalid value specified for sort_by",
    20: "Invalid value specified for sort_order",
    21: "Invalid value specified for offset",
    22: "Unsupported feature in this version of the API",
    23: "Invalid value specified for limit",
    25: "Parameter is_starred must be true or false",
    26: "Parameter assigned must be true or false",
    27: "Parameter deleted must be true or false",
    28: "Parameter new must be true or false",
    29: "Invalid value specified for score",
    30: "Invalid score range specified",
    31: "Invalid combination of parameters for score",
    32: "Invalid value specified for grade",
    33: "Invalid grade range specified",
    34: "Invalid combination of parameters for grade",
    35: "Invalid opportunity ID",
    36: "One or more required parameter values are missing",
    37: "A Salesforce connector was detected",
    38: "Invalid campaign ID",
    44: "The provided prospect_id and prospect_email parameters do not match",
    45: "The provided user_id and user_email parameters do not match",
    46: "This API user lacks sufficient permissions for the requested operation",
    47: "Multiple assignment targets were specified",
    49: "Access Denied",
    50: "Invalid boolean",
    51: "Invalid parameter",
    52: "Invalid parameter range",
    53: "Client IP address/location must be activated before accessing API",
    54: "Email address is already in use",
    55: "Invalid list ID",
    56: "Invalid number entered for field",
    57: "Invalid date entered for field",
    58: "That prospect is already a member of that list. Update the membership instead.",
    60: "Invalid HTTP request method",
    61: "Invalid prospect account id",
    62: "Conflicting Update",
    66: "You have exceeded your concurrent request limit.  Please wait, before trying again",
    70: "Batch processing is limited to 50 prospects at once.",
    71: "Input needs to be valid JSON or XML",
    77: "Invalid prospect fid",
    79: "Invalid CRM_FID",
    81: "Prospect ID and FID do not match",
    85: "Unable to save the prospect",
    88: "Your account must use version 4 of the API.",
    89: "Your account is unable to use version 4 of the API.",
    90: "Prospect array should be a flat array of attributes",
    92: "Prospect record could not be found",
    94: "The provided version is not a valid number",
    108: "This Asset cannot be deleted because it is being used in other places.",
    109: "The requested record was not found.",
    122: "Daily API rate limit met",
    125: "Cannot accept both user_id and crm_owner_fid.",
    126: "Invalid authentication mechanism",
    128: "Cannot create campaigns",
    129: "Cannot modify campaign name or cost",
    130: "One or more of the specified fields are invalid",
    132: "Prospect is archived",
    133: "Up to 2 sort by options are allowed.",
    134: "Up to 2 sort order options are allowed.",
    135: "When passing a comma-separated value, one of the two values must be id.",
    150: "Input needs to be valid JSON",
    151: "Unsupported content-type",
    152: "Request body can't be empty",
    153: "Missing required property in request",
    154: "Invalid property in request",
    155: "Can't update. Import must be in \"Open\" state.",
    156: "Can't start processing. Import has no associated data.",
    158: "Uploading a file was unsuccessful",
    159: "The file is not in a valid CSV format",
    160: "The limit of batches per import has been reached",
    161: "The current state of the import does not allow the operation",
    162: "No file was specified or uploaded",
    163: "Too many files were specified or uploaded",
    166: "The input is not in the required format",
    174: "Unknown procedure name.",
    175: "Unknown procedure argument.",
    176: "Missing required argument.",
    177: "Invalid procedure argument.",
    179: "The export has not completed",
    180: "One or more of the specified fields are invalid",
    181: "A required header is missing",
    182: "Invalid header value",
    183: "An internal error occurred, please try your request again",
    184: "access_token is invalid, unknown, or malformed",
    192: "Object specified does not exist",
    197: "Import missing required field",
    198: "Endpoint not found",
    199: "Authentication using an api_key is no longer supported. Use Salesforce OAuth access token instead.",
    201: "Business Unit specified in Pardot-Business-Unit-Id header not found or inactive.",
    205: "Action name is either missing or incorrect",
    206: "Invalid action argument value",
    207: "Missing required action argument",
    208: "Unknown action argument",
    209: (
        "Too many fields have filters: The max number of 3 distinct fields with filters was exceeded for this query."
    ),
    210: "Page token has expired.",
    211: "Page token is invalid.",
    219: "Deleted records can't be updated. Please undelete before updating.",
    224: "Invalid fields for request type",
    227: "Mismatched CSV headers and field options",
    242: "One or more requested records not found",
    245: "The supplied name is already in use.",
}  # fmt: skip

# Codes whose HTTP status is not 400.
STATUSES: Mapping[int, int] = {
    1: 401, 15: 401, 46: 405, 49: 401, 53: 403, 60: 405, 66: 429, 108: 405, 109: 404, 122: 429, 126: 401, 183: 500,
    184: 401, 192: 404, 198: 404, 199: 401, 201: 403, NOT_SIMULATED: 501,
}  # fmt: skip


class PardotRefused(Exception):
    """A call that is refused. `detail` stands behind the code's own text: which field, which parameter."""

    def __init__(self, code: int, detail: str = "", *, status: int | None = None, text: str = "") -> None:
        own = text or MESSAGES[code]
        self.code = code
        self.message = f"{own.removesuffix('.')}: {detail}" if detail else own
        self.status = status if status is not None else STATUSES.get(code, 400)
        self.headers: dict[str, str] = {}
        super().__init__(self.message)


def not_simulated(what: str) -> PardotRefused:
    """The vendor has it, this sandbox has not."""
    return PardotRefused(NOT_SIMULATED, text=f"{what} is not simulated by this sandbox.")


# The gateway's refusals. The first class that fits counts.
GATEWAY: tuple[tuple[type[GatewayRefusal], int], ...] = (
    (AddressRefused, 53),
    (LoginRefused, 184),
    (QuotaSpent, 122),
    (NotPermitted, 46),
    (UnknownOrg, 198),
)
# What a fault of this status says; another one is an internal error.
FAULTS: Mapping[int, int] = {400: 5, 401: 184, 403: 49, 404: 109, 405: 46, 429: 66}


def of_gateway(refusal: GatewayRefusal) -> PardotRefused:
    """The gateway's refusal in the vendor's words."""
    if isinstance(refusal, FaultFired):
        return PardotRefused(FAULTS.get(refusal.status, 183), status=refusal.status)
    if isinstance(refusal, TooLarge):
        return PardotRefused(166, "the request's body is too large", status=413)
    if isinstance(refusal, CodingRefused):
        return PardotRefused(151, refusal.text)
    for kind, code in GATEWAY:
        if isinstance(refusal, kind):
            return PardotRefused(code)
    return PardotRefused(183, status=refusal.status)
