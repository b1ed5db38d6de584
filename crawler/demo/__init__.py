"""The demo: three fictional outlets on loopback with known truth, crawled by the real spiders."""
