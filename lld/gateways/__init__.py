"""The only code that talks to vendors: one small module each, one timeout, bounded retries."""
