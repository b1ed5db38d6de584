// Completion as one types in a search box: an ARIA combobox with a list of its own. The page works the same without it.
// Nothing fetched becomes markup: every text is set as text. No framework, no cookie, no storage.
"use strict";
(() => {
  const WAIT_MS = 120;
  const MOST_KEPT = 50;
  let boxes = 0;

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function attach(form) {
    const input = form.querySelector('input[name="q"]');
    const list = element("ul", "suggestions");
    const status = element("span", "hidden");
    const kept = new Map();
    let asking = null;
    let timer = 0;
    let shown = [];
    let active = -1;
    let rest = "";

    boxes += 1;
    list.id = `suggestions-${boxes}`;
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Suggestions");
    status.setAttribute("role", "status");
    input.type = "text"; // a search field may not be a combobox
    input.setAttribute("enterkeyhint", "search");
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-haspopup", "listbox");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("autocapitalize", "none");
    input.setAttribute("spellcheck", "false");
    form.append(list, status);

    function close() {
      clearTimeout(timer);
      if (asking) asking.abort();
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      mark(-1);
      status.textContent = "";
    }

    function mark(number) {
      const options = list.children;
      if (options[active]) options[active].setAttribute("aria-selected", "false");
      active = number;
      if (options[active]) {
        options[active].setAttribute("aria-selected", "true");
        options[active].scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", options[active].id);
      } else {
        input.removeAttribute("aria-activedescendant");
      }
    }

    function choose(number) {
      const chosen = shown[number];
      close();
      if (!chosen) return;
      if (!chosen.query) {
        window.location.assign(chosen.url);
        return;
      }
      input.value = chosen.query + rest.trimStart();
      input.setSelectionRange(chosen.query.length, chosen.query.length);
      input.focus();
    }

    function option(one, number) {
      const made = element("li");
      const label = element("bdi", "label", one.label);
      made.id = `${list.id}-${number}`;
      made.setAttribute("role", "option");
      made.setAttribute("aria-selected", "false");
      if (one.language) label.lang = one.language;
      made.append(label, " ", element("span", "kind", one.about));
      made.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
      made.addEventListener("click", () => choose(number));
      return made;
    }

    function show(found) {
      shown = found;
      active = -1;
      input.removeAttribute("aria-activedescendant");
      list.replaceChildren(...found.map(option));
      list.hidden = found.length === 0;
      input.setAttribute("aria-expanded", String(found.length > 0));
      status.textContent = found.length ? `${found.length} ${found.length === 1 ? "suggestion" : "suggestions"}` : "";
    }

    async function ask() {
      const at = input.selectionStart ?? input.value.length;
      const text = input.value.slice(0, at);
      rest = input.value.slice(at);
      if (asking) asking.abort();
      if (!text.trim() || (rest && !/^\s/.test(rest))) {
        close();
        return;
      }
      if (kept.has(text)) {
        show(kept.get(text));
        return;
      }
      const mine = new AbortController();
      asking = mine;
      try {
        const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(text)}`, { signal: mine.signal });
        if (!answer.ok) throw new Error(String(answer.status));
        const found = (await answer.json()).completions;
        if (kept.size >= MOST_KEPT) kept.clear();
        kept.set(text, found);
        if (mine === asking && document.activeElement === input) show(found);
      } catch {
        if (mine === asking) show([]); // too slow, too many or unreachable: the box is a box
      }
    }

    function later() {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT_MS);
    }

    function move(step) {
      const places = shown.length + 1; // the box itself is one
      mark(((active + 1 + step + places) % places) - 1);
    }

    input.addEventListener("input", (event) => {
      if (!event.isComposing) later();
    });
    input.addEventListener("compositionend", later);
    input.addEventListener("blur", close);
    form.addEventListener("submit", close);
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || event.ctrlKey || event.metaKey) return;
      const open = !list.hidden;
      if (event.key === "ArrowDown" && !open) {
        ask();
      } else if (event.key === "ArrowUp" && event.altKey && open) {
        close();
      } else if (event.key === "ArrowDown" && open) {
        if (!event.altKey) move(1);
      } else if (event.key === "ArrowUp" && open) {
        move(-1);
      } else if (event.key === "Enter" && open && active >= 0) {
        choose(active);
      } else if (event.key === "Escape" && open) {
        close();
      } else if (event.key === "Escape" && input.value) {
        input.value = "";
      } else {
        return;
      }
      event.preventDefault();
    });
  }

  document.querySelectorAll("form[data-suggest]").forEach(attach);
})();
