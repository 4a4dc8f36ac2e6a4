"""Permission with proof: who may be contacted, how, for what, since when and on which evidence. Sends nothing."""
