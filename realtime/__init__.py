"""The live engine: commands, deadlines, ticks, fan-out, recovery and the outbox."""
