"""Which machines the demo fleet has, at which invented addresses."""

from types import MappingProxyType

APP_PORT = 6888
BALANCER = "lb1"
BALANCER_ADDRESS = "10.154.0.170"
NODES = MappingProxyType(
    {
        "oa1": "10.154.0.179",
        "oa2": "10.154.0.181",
        "oa3": "10.154.0.164",
        "oa4": "10.154.54.34",
        "oa5": "10.154.54.35",
        "oa6": "10.154.54.36",
        "oa7": "10.154.54.39",
        "oa8": "10.154.54.56",
        "oa9": "10.154.54.57",
        "oa10": "10.154.54.58",
    }
)
SPARE = ("10.154.54.78", "10.154.54.79")  # upstream entries that are commented out (SOP 5.3)
DATABASES = MappingProxyType({"dm1": "10.154.0.201", "dm2": "10.154.0.202"})
TEST = "test1"
TEST_ADDRESS = "10.154.0.162"
