"""A partner's own sheet: its mapping, how one is proposed, and what of the sheet no rule sees."""
