"""What the project measures about itself, and about its peers in the same run."""
