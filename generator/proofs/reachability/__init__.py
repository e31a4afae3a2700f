"""What the network proof stands on: policies as Kubernetes adds them up, and what the spec declares. Judges nothing."""
