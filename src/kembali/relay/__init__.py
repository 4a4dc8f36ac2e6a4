"""Facts go on to other programs: endpoints, signed deliveries, their log, replay. Decides nothing about customers."""
