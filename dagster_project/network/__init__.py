"""The reference network: fictional partners whose simulated work is written as the files they would send."""
