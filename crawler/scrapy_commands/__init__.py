"""Scrapy's own commands where ours must say more; Scrapy finds them by the setting COMMANDS_MODULE."""
