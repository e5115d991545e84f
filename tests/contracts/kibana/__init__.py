"""Tests of importing the dashboard into Kibana, over a stand-in."""
