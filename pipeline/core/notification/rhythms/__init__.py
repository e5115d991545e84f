"""How many articles usually come at which hour of the week, and when there are far fewer or more."""
