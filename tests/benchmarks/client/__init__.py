"""The client under a person's hands: first paint, scrolling, arrivals, idling."""
