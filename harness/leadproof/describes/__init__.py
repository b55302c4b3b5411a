"""From a real org's describe output to the fields of a recipe: `leadproof import-schema`.

The sandbox has the standard objects already; what makes an org one's own are its custom fields. They come from
`GET /services/data/vXX.X/sobjects/Lead/describe`, a list of such answers, the answer of a composite batch of them, or
what `sf sobject describe --json` prints.
"""

from leadproof.describes.fields import Imported, recipe_fields
from leadproof.describes.reading import DescribedObject, DescribeRefused, read_describes
from leadproof.describes.recipe_text import as_recipe_part, into_recipe

__all__ = [
    "DescribeRefused",
    "DescribedObject",
    "Imported",
    "as_recipe_part",
    "into_recipe",
    "read_describes",
    "recipe_fields",
]
