"""The words the lexicon knows, as plain lists under headings."""
