"""The typed ids that cross the borders between rooms."""

from typing import NewType

CustomerId = NewType("CustomerId", int)
OrderId = NewType("OrderId", int)
ProductId = NewType("ProductId", int)
FactSeq = NewType("FactSeq", int)
EnrolmentId = NewType("EnrolmentId", int)
SendRequestId = NewType("SendRequestId", int)

SegmentKey = NewType("SegmentKey", str)
FlowKey = NewType("FlowKey", str)
