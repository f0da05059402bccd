"""The speaker queue. Pure: commands, events, state, decide, evolve, deadlines."""
