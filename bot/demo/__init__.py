"""The demo's servers, reached over real SSH on loopback and simulated behind it.

Ten app nodes, a load balancer, two databases and a test machine.
"""
