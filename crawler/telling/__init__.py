"""The ways an operator is told: mail and webhook. `crawler/notify.py` alone uses them, and decides nothing here."""
