// Turns <select class="js-lookup" data-source="..."> into a box that searches as one types.
// Pattern: WAI-ARIA combobox with a list. Without this script the select still works as far as
// it goes. The select stays in the form and holds the value.
(() => {
  "use strict";
  const { words = {}, say = () => {} } = window.backoffice || {};
  const PAUSE = 200;
  let made = 0;

  const element = (tag, attributes = {}, text = "") => {
    const made = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    if (text) made.textContent = text;
    return made;
  };

  const enhance = (select) => {
    const number = ++made;
    const listId = `lookup-${number}`;
    const many = select.multiple;
    const blank = [...select.options].find((option) => !option.value);
    const box = element("div", { class: "lookup" });
    const input = element("input", {
      type: "text", class: "form-control lookup-input", role: "combobox", autocomplete: "off",
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": listId,
      placeholder: blank?.textContent || select.dataset.placeholder || words.type_to_search || "",
      maxlength: "100",
    });
    const list = element("ul", { class: "lookup-list", role: "listbox", id: listId, hidden: "" });
    const chips = element("div", { class: "lookup-chips" });
    const clear = element("button", { type: "button", class: "icon-btn lookup-clear", "aria-label": words.remove || "×" }, "×");
    const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    if (label) {
      label.id ||= `${select.id}-label`;
      input.setAttribute("aria-labelledby", label.id);
      list.setAttribute("aria-labelledby", label.id);
      label.htmlFor = `${select.id}-search`;
    }
    input.id = `${select.id}-search`;
    ["aria-describedby", "aria-invalid"].forEach((name) => {
      if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    });
    if (select.required) { input.setAttribute("aria-required", "true"); select.required = false; }
    select.hidden = true;
    select.after(box);
    box.append(...(many ? [chips] : []), input, ...(many ? [] : [clear]), list);

    const chosen = () => [...select.options].filter((option) => option.selected && option.value);
    const show = () => {
      if (many) {
        chips.replaceChildren(...chosen().map((option) => {
          const chip = element("span", { class: "chip" }, option.textContent);
          const away = element("button", { type: "button", "aria-label": `${words.remove} ${option.textContent}` }, "×");
          away.addEventListener("click", () => { option.remove(); show(); changed(); input.focus(); });
          chip.append(away);
          return chip;
        }));
      } else {
        input.value = chosen()[0]?.textContent || "";
        clear.hidden = !input.value;
      }
    };
    const changed = () => select.dispatchEvent(new Event("input", { bubbles: true }));
    const close = () => {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const pick = (id, text) => {
      if (!many) [...select.options].forEach((option) => { if (option.value) option.remove(); });
      if (![...select.options].some((option) => option.value === id)) select.append(new Option(text, id, true, true));
      [...select.options].forEach((option) => { if (!many) option.selected = option.value === id; });
      if (many) input.value = "";
      close(); show(); changed();
    };
    const unpick = () => {
      [...select.options].forEach((option) => { if (option.value) option.remove(); });
      if (blank) blank.selected = true;
      show(); changed();
    };

    const options = () => [...list.querySelectorAll("[role=option]")];
    const point = (option) => {
      options().forEach((other) => other.setAttribute("aria-selected", String(other === option)));
      if (!option) return;
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    };
    const pointed = () => list.querySelector("[aria-selected=true]");
    const note = (text) => list.append(element("li", { class: "lookup-note", role: "presentation" }, text));
    const draw = (found) => {
      list.replaceChildren();
      found.results.forEach((row, at) => {
        const option = element("li", { role: "option", id: `${listId}-${at}`, "aria-selected": "false" }, row.text);
        option.addEventListener("pointerdown", (event) => { event.preventDefault(); pick(row.id, row.text); });
        list.append(option);
      });
      if (!found.results.length) note(words.no_match);
      if (found.more) note(words.more_matches);
      say((words.results || "").replace("{count}", found.results.length));
      point(options()[0]);
    };

    let waiting = null;
    let asked = null;
    const search = async () => {
      asked?.abort();
      asked = new AbortController();
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      const typed = !many && input.value === (chosen()[0]?.textContent || "") ? "" : input.value.trim();
      try {
        const url = `${select.dataset.source}?q=${encodeURIComponent(typed)}`;
        const answer = await fetch(url, { signal: asked.signal, headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(String(answer.status));
        draw(await answer.json());
      } catch (error) {
        if (error.name === "AbortError") return;
        list.replaceChildren();
        note(words.failed);
      }
    };
    input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, PAUSE); });
    input.addEventListener("click", () => { if (list.hidden) search(); });
    input.addEventListener("focus", () => input.select());
    input.addEventListener("blur", () => {
      clearTimeout(waiting);
      asked?.abort();
      close();
      if (!many && !input.value.trim()) unpick(); else show();
      if (many) input.value = "";
    });
    clear.addEventListener("click", () => { unpick(); input.focus(); });
    input.addEventListener("keydown", (event) => {
      const all = options();
      const at = all.indexOf(pointed());
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) { search(); return; }
        const step = event.key === "ArrowDown" ? 1 : -1;
        point(all[(at + step + all.length) % all.length]);
      } else if (event.key === "Enter" && !list.hidden) {
        event.preventDefault();
        if (all[at]) all[at].dispatchEvent(new PointerEvent("pointerdown", { cancelable: true }));
      } else if (event.key === "Escape" && !list.hidden) {
        event.stopPropagation();
        close(); show();
      } else if (event.key === "Backspace" && many && !input.value) {
        chosen().at(-1)?.remove();
        show(); changed();
      }
    });
    select.addEventListener("filled", show);
    show();
  };

  document.querySelectorAll("select.js-lookup[data-source]").forEach(enhance);
})();
