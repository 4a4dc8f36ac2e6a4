"""The columnar replica of the shop's state and its engine. Holds no personal data, knows no table by name."""
