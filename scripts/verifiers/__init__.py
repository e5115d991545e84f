"""What training and validation of verifiers share."""
