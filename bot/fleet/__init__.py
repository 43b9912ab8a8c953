"""The demo's servers: ten app nodes and a load balancer, reached over real SSH on loopback, simulated behind it."""
