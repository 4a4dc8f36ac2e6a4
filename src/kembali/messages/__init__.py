"""How a message reaches a person: templates, the send gate, delivery at most once. Not who gets one, nor when."""
