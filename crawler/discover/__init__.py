"""Where articles are named: feeds, sitemaps, listings. Bytes in, leads out; pure, no Scrapy, never an exception."""
