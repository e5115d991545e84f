"""The commands of `almenara`, one module per command or group of commands."""
