"""An invented page that says nothing to machines: every field has to be found by what it looks like."""

from __future__ import annotations

URL = "https://www.quay-post.example/sea/ships-leave-the-northern-harbour-4821"

BODY = tuple(
    f"Paragraph {number} tells how the ships of the northern fleet left their harbour one after another, and what the "
    f"harbour master wrote about it in the book that he has kept for {number + 20} years without a gap."
    for number in range(6)
)

PLAIN = f"""<!DOCTYPE html><html lang="en"><head></head><body>
<nav class="menu"><a href="/sea">Sea</a> <a href="/land">Land</a></nav>
<div class="story-head css-1x2y3z"><h1 class="headline">Ships leave the northern harbour</h1>
<div class="meta-line"><span class="writer-line">By Marit Hallin and Edvin Storm</span>
<span class="posted-on">12 June 2026, 08:30 GMT</span> <span class="changed">Updated 13 June 2026, 09:00 GMT</span>
<span class="reading">7 min read</span></div></div>
<div class="story-body">{"".join(f"<p>{line}</p>" for line in BODY)}</div>
<div class="story-topics"><h4>Topics</h4><ul><li><a href="/topics/northern-fleet">Northern fleet</a></li>
<li><a href="/topics/harbours">Harbours</a></li></ul></div>
<div class="social-share"><a href="https://x.com/intent/tweet?url=x">Share</a></div>
<div class="most-read"><h4>Topics of the day</h4>
<a href="/a/b-c-d-1">One of them</a><a href="/a/b-c-d-2">Another one</a></div>
<footer><p>Founded 11 May 1998. Quay Post</p></footer></body></html>"""
