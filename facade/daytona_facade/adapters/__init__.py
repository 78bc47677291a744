"""The actions as tools of agent frameworks, each in a module of its own, behind an extra of the same name."""
