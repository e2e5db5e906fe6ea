"""The protocol: typed requests, responses and events of both transports, and the rules that both ends share."""
