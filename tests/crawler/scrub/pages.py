"""Invented pages for the scrubber: everything a publisher's page may hold that must not be kept."""

from __future__ import annotations

URL = "https://www.lantern-post.example/2026/06/11/strait/frigate-leaves-quiet-harbour-after-long-standoff-48213377"

PARAGRAPHS = (
    (
        "The frigate left the quiet harbour before dawn on 11 June 2026 after a standoff that lasted nine weeks, "
        "officials of the northern fleet said in a statement that named neither its captain nor its course."
    ),
    (
        "Residents who had watched it from the breakwater since April described a slow turn, a signal lamp and then "
        'only wake. "We counted its lights every evening," said Marit Oskarsdottir, who sells rope at the quay.'
    ),
    (
        "Two patrol boats followed at a distance of four miles, according to the port authority, which had asked for "
        "125,000 crowns in fees and received a promise that the ministry would look at the bill."
    ),
)

PAGE = f"""<!DOCTYPE html><html lang="en"><head><meta charset="iso-8859-1">
<title>Frigate leaves quiet harbour after long standoff - Lantern Post</title>
<meta property="og:title" content="Frigate leaves quiet harbour after long standoff">
<meta property="og:site_name" content="Lantern Post"><meta property="og:type" content="article">
<meta property="og:image" content="https://cdn.lantern-post.example/pictures/frigate-dawn.jpg">
<meta name="description" content="The frigate left the quiet harbour before dawn">
<meta property="fb:app_id" content="123456789012345">
<link rel="canonical" href="{URL}"><link rel="stylesheet" href="/assets/lantern.css">
<script>window.dataLayer=[{{"user":"Marit Oskarsdottir","id":"UA-9912345-1"}}]</script>
<script type="application/ld+json">{{"@context":"https://schema.org","@type":"NewsArticle",
"headline":"Frigate leaves quiet harbour after long standoff","datePublished":"2026-06-11T06:30:00+02:00",
"dateModified":"2026-06-11T07:45:00+02:00","author":[{{"@type":"Person","name":"Edvin Stallberg"}}],
"image":"https://cdn.lantern-post.example/pictures/frigate-dawn.jpg",
"articleBody":"{PARAGRAPHS[0]}"}}</script></head>
<body class="single postid-48213377"><!-- editor: Edvin Stallberg -->
<nav><ul><li><a href="/strait/">Strait</a></li><li><a href="/about">About us</a></li></ul></nav>
<template><p>Our readers may buy a lamp of ours this week</p></template>
<article id="frigate-leaves-quiet-harbour"><h1>Frigate leaves quiet harbour after long standoff</h1>
<p class="byline">By <a href="/authors/edvin-stallberg">Edvin Stallberg</a></p>
<img src="/pictures/frigate-dawn.jpg" alt="The frigate at dawn seen from the quay" onload="track()">
<div class="story"><p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p><p>{PARAGRAPHS[2]}
<a href="https://www.navy.example/notices/frigate-course-2026.pdf">a notice to mariners</a> gave its course.</p>
<p>Write to edvin.stallberg@lantern-post.example or call +46 8 123 45 67.</p></div>
<aside class="related" data-region="more"><h2>Read more</h2><ul><li data-ga-track-label="walrus-sings"><a
data-track="more:walrus" data-seo-title="walrus" data-link-name="news | walrus"
href="/2026/05/02/strait/nine-weeks-off-the-northern-quay-48200001">
Nine weeks off the northern quay</a></li></ul></aside></article>
<footer><svg viewBox="0 0 10 10"><path d="M0 0L10 10"/></svg>&copy; 2026 Lantern Post</footer></body></html>"""
