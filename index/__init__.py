"""The archive and its full-text index: values, store, search. Imports config only."""
