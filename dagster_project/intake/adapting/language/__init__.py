"""The language of mappings and adapters: what their files may say, and how a sender's text becomes the contract's."""
