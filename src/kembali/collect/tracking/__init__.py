"""What browsers and servers report by Segment's tracking protocol → facts. Pure: no I/O, no clock, no Django."""
