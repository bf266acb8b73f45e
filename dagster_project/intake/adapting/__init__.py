"""From a sender's own words to the contract's: mappings of a partner's sheet, adapters of a standard's documents."""
