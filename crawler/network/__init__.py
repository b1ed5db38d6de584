"""What stands between a spider and the network: guard, robots, pace, replay. The only way out."""
