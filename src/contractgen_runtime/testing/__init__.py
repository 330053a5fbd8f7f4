"""What the tests of every service from a contract share."""
