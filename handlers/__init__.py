"""HTTP and WebSocket edges: parse, authorise, call, render."""
