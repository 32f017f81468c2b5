"""Write policies for the gateways and clients people run; one module per target."""
