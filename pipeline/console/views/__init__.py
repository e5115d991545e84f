"""Views: what a list shows, as the address says it. Every view is an address, and every address is some view."""
