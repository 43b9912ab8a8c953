"""The data folder as one site, or every fault of it in one report."""
