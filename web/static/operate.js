"use strict";
// A run under way: its figures are asked for every few seconds and written as text. Without script they stand still.
const live = document.querySelector("[data-live-from]");
if (live) {
  const every = 5000;
  const look = async () => {
    try {
      const answer = await fetch(live.dataset.liveFrom, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (answer.ok) {
        const told = (await answer.json()).live;
        for (const place of live.querySelectorAll("[data-live]")) {
          const text = told[place.dataset.live];
          if (text !== undefined && place.textContent !== text) place.textContent = text;
        }
        if (told.ended === "yes") { location.reload(); return; }
      }
    } catch { /* the site is not reached just now; the next look tells */ }
    setTimeout(look, every);
  };
  setTimeout(look, every);
}
