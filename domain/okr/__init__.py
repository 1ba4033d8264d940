"""What a review comes to: objectives and key results read out of five answers."""
