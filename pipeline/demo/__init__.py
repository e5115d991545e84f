"""The bundled news site of `almenara demo`, and its configuration."""
