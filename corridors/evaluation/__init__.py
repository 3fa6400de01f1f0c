"""Did it help, whom did it touch, and can anyone check: counts in, figures out."""
