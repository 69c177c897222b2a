"""What training runs of every kind share: their state, their process, their card, and what they leave out."""
