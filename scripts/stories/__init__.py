"""Sets of articles whose events are known, and how well stories are made of them."""
