"""The API for programs, version 1: operations in tables, from which the routes and the OpenAPI document are made."""
