"""The spiders: OutletSpider runs any outlet file; a <name>.py beside it only where an outlet's rules end."""
