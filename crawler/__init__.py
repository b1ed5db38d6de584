"""From an outlet's home page to a saved article. Imports config and index; the only package that knows Scrapy."""
