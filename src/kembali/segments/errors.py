"""What can be wrong with a segment."""

from kembali.kernel.errors import Conflict, NotFound, Refused


class BadRule(Refused):
    """A segment's rule cannot be used; the message says where and why."""

    code = "bad_segment_rule"


class SegmentNotFound(NotFound):
    """There is no segment with this key."""

    code = "segment_not_found"


class SegmentInUse(Conflict):
    """Another segment's rule refers to this one."""

    code = "segment_in_use"
