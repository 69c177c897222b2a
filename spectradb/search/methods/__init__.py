"""Ways of scoring a query against the library, a module each."""
