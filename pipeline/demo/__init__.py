"""The news site that `almenara demo` serves, and its configuration."""
