"""What object stores answer: pages of listings and errors, in the XML of S3 (Google speaks it, too) and of Azure.

Formats: `ListBucketResult` of Amazon S3's ListObjectsV2 and of Google Cloud Storage's XML API, asked for with
`encoding-type=url` because XML cannot hold every character of a key; `EnumerationResults` of Azure's List Blobs,
where such names are percent-encoded and say so.
"""

from __future__ import annotations

import calendar
import email.utils
from typing import NamedTuple
from urllib.parse import unquote, unquote_plus
from xml.etree import ElementTree  # expat bounds the expansion of entities itself

MOST_OF_A_PAGE = 16 << 20
"""Bytes that are read of a page of a listing."""


class Found(NamedTuple):
    """An object: its whole key, its size in bytes, the Unix seconds of its last write, and its entity tag."""

    key: str
    size: int | None
    mtime: float | None
    tag: str | None


class ListPage(NamedTuple):
    """A page of a listing: objects, prefixes (with the delimiter at their end), and where the next page begins."""

    objects: list[Found]
    prefixes: list[str]
    token: str | None


def s3_page(body: bytes) -> ListPage:
    """A page of ListObjectsV2.

    Raises:
        ValueError: It is none.
    """
    root = _root(body)
    lead = _namespace(root)
    if root.tag != f"{lead}ListBucketResult":
        raise ValueError("not a listing")
    decode = unquote_plus if root.findtext(f"{lead}EncodingType") == "url" else str
    key, size, time, tag = f"{lead}Key", f"{lead}Size", f"{lead}LastModified", f"{lead}ETag"
    objects = [
        Found(
            decode(entry.findtext(key, "")),
            _integer(entry.findtext(size)),
            iso_time(entry.findtext(time, "")),
            entry.findtext(tag),
        )
        for entry in root.findall(f"{lead}Contents")
    ]
    prefixes = [decode(entry.findtext(f"{lead}Prefix", "")) for entry in root.findall(f"{lead}CommonPrefixes")]
    is_cut = root.findtext(f"{lead}IsTruncated") == "true"
    return ListPage(objects, prefixes, root.findtext(f"{lead}NextContinuationToken") if is_cut else None)


def azure_page(body: bytes) -> ListPage:
    """A page of List Blobs.

    Raises:
        ValueError: It is none.
    """
    root = _root(body)
    blobs = root.find("Blobs")
    if root.tag != "EnumerationResults" or blobs is None:
        raise ValueError("not a listing")
    objects = [
        Found(
            _azure_name(blob),
            _integer(blob.findtext("Properties/Content-Length")),
            http_time(blob.findtext("Properties/Last-Modified", "")),
            blob.findtext("Properties/Etag"),
        )
        for blob in blobs.findall("Blob")
        # With a hierarchical namespace directories are listed as blobs, too.
        if blob.findtext("Properties/ResourceType") != "directory"
    ]
    prefixes = [_azure_name(entry) for entry in blobs.findall("BlobPrefix")]
    return ListPage(objects, prefixes, root.findtext("NextMarker") or None)


def _azure_name(entry: ElementTree.Element) -> str:
    name = entry.find("Name")
    text = "" if name is None else name.text or ""
    return unquote(text) if name is not None and name.get("Encoded") == "true" else text


def error_code(body: bytes) -> str:
    """The code of an error, as "NoSuchBucket"; "" where the body holds none."""
    try:
        root = _root(body)
    except ValueError:
        return ""
    code = root.findtext(f"{_namespace(root)}Code") or ""
    return code if code.isalnum() and len(code) < 100 else ""


def error_region(body: bytes) -> str:
    """The region that an error of S3 names; "" where it names none."""
    try:
        root = _root(body)
    except ValueError:
        return ""
    region = root.findtext(f"{_namespace(root)}Region") or ""
    return region if region.replace("-", "").isalnum() else ""


def iso_time(text: str) -> float | None:
    """Unix seconds of "2026-11-03T04:05:06.789Z"; None where that is none."""
    try:
        whole = calendar.timegm(
            (int(text[:4]), int(text[5:7]), int(text[8:10]), int(text[11:13]), int(text[14:16]), int(text[17:19]))
        )
        fraction = text[19:].rstrip("Z")
        return whole + float(fraction) if fraction else float(whole)
    except (ValueError, OverflowError):
        return None


def http_time(text: str) -> float | None:
    """Unix seconds of "Tue, 03 Nov 2026 04:05:06 GMT"; None where that is none."""
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _root(body: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(body)  # noqa: S314 - see the import
    except (ElementTree.ParseError, LookupError) as error:  # LookupError: an encoding that nobody knows
        raise ValueError(str(error)) from None


def _namespace(root: ElementTree.Element) -> str:
    return root.tag[: root.tag.index("}") + 1] if root.tag.startswith("{") else ""


def _integer(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() and len(text) < 20 else None
