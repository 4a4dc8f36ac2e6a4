"""Connected shops: kept, asked round by round, watched. How a platform speaks is `connectors`."""
