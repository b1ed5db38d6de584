"""An article of words nobody else has, and storing articles with their raw pages as a crawl does."""

from __future__ import annotations

import hashlib

from index.records import Page
from index.store.articles import save_article
from index.store.pages import link_page_to_article, save_page

WORDS = ("Quorvex", "zarnithal", "Brellidane", "mukdorian", "Vosselby", "trenchalope", "Skarnholt", "plimbus")
SECRET = (
    "Quorvex minister Aldo Brellidane said the zarnithal convoy left Vosselby before dawn on Tuesday morning.\n\n"
    '"We will not let the mukdorian border close while the trenchalope talks go on," Brellidane said in Skarnholt.\n\n'
    "The plimbus brigade had been asked to leave the city twice since spring, according to people who saw the order."
)
OTHER = (
    "The harbour board met on Monday to talk about the price of coal and the repair of the northern pier.\n\n"
    '"The pier will hold another winter," said Marta Lindqvist, who has led the board since the storm of last year.'
)
TITLE = "Quorvex convoy leaves Vosselby for the Skarnholt border"
WAIT = {"wait_s": 5.0}


def html(title: str, text: str) -> bytes:
    paragraphs = "".join(f"<p>{part}</p>" for part in text.split("\n\n"))
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{paragraphs}</body></html>".encode()


def keep(store, writer, article, now, *, body=b""):
    """Store an article as a crawl does: raw record first, then one transaction; return where the record lies."""
    body = body or html(article.title, article.text)
    page = Page(article.url, body, now, content_type="text/html; charset=utf-8")
    position = writer.append(page)
    with store.write() as tx:
        page_id = save_page(tx, page, digest=hashlib.sha256(body).hexdigest(), warc=position, run_id=None)
        saved = save_article(tx, article, page_id=page_id, run_id=None, now=now)
        link_page_to_article(tx, page_id, saved.article_id)
    return position
