"""Who may see and do what: users and sessions, forged requests, headers, rates."""
