"""How an output is shortened for a model: its text, its charts, its lists."""
