"""Link health. Pure: samples in, scores out; no clock, no socket, no knowledge of peers."""
