"""Stories: which articles tell of one event, and which carry one text. Pure decisions; the store keeps the results."""
