"""parksim: plan zero-carbon industrial parks, every hour of the year."""
