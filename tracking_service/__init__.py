"""Facts: takes in connects, heartbeats and disconnects, and knows who was connected when."""
