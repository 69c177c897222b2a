"""Ways of scoring a query against the library, a module each: ``protocol`` says what a method is, ``registry`` lists them."""
