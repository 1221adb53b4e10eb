"""What the product is made of besides its own code: as a list with licences, and as a bill of materials."""
