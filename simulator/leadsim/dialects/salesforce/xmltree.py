"""Reading XML from outside: no document types, no entities, nothing fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


class XmlRefused(ValueError):
    """A text that is no XML, or has what could be turned against us."""


def read_xml(body: bytes) -> Element:
    """The root element. Raises XmlRefused."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise XmlRefused(str(error)) from None
    return root


def local_name(element: Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def namespace_of(element: Element) -> str:
    """An element's namespace, "" where it has none."""
    return element.tag[1:].partition("}")[0] if isinstance(element.tag, str) and element.tag.startswith("{") else ""


def texts(element: Element, name: str) -> list[str]:
    """The texts of the children of this name, whatever their namespace."""
    return [(one.text or "").strip() for one in element if local_name(one) == name]


def text(element: Element, name: str) -> str:
    """The text of the first child of this name, "" where there is none."""
    found = texts(element, name)
    return found[0] if found else ""
