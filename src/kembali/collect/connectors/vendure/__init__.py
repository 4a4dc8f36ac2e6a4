"""Vendure, which is only asked: the example of how a connector is written. `connector` asks, `facts` reads."""
