"""What is written of a submission, so that a crash leaves all of it or nothing."""
