"""From a page's bytes to an article: pure functions, no Scrapy, no I/O, no clock but the one handed in."""
