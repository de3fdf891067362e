// The admin's behaviour: drawer, theme, menus, questions before acts, chosen rows, tabs.
(() => {
  "use strict";
  const words = JSON.parse(document.getElementById("words")?.textContent || "{}");
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const say = (text) => { const live = $("#said"); if (live) live.textContent = text; };
  const keep = (key, value) => { try { localStorage.setItem(key, value); } catch { /* fine without */ } };
  const kept = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  window.backoffice = { words, say };

  const root = document.documentElement;

  // Theme.
  const themeButton = $("#theme");
  const showTheme = () => {
    const dark = document.documentElement.dataset.theme === "dark";
    themeButton?.setAttribute("aria-pressed", String(dark));
  };
  themeButton?.addEventListener("click", () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    keep("theme", root.dataset.theme);
    showTheme();
  });
  showTheme();

  // The menu is a drawer on a phone.
  const opener = $("#drawer-open");
  const side = $("#side");
  const phone = matchMedia("(max-width: 860px)");
  const fold = (folded) => {
    if (folded) root.dataset.side = "folded"; else delete root.dataset.side;
    keep("side", folded ? "folded" : "open");
    opener.setAttribute("aria-expanded", String(!folded));
  };
  opener?.setAttribute("aria-expanded", String(!phone.matches && root.dataset.side !== "folded"));
  const drawer = (open) => {
    document.body.classList.toggle("drawer", open);
    opener?.setAttribute("aria-expanded", String(open));
    (open ? $("a", side) : opener)?.focus();
  };
  opener?.addEventListener("click", () => {
    if (phone.matches) drawer(true); else fold(root.dataset.side !== "folded");
  });
  $$("[data-drawer-close]").forEach((part) => part.addEventListener("click", () => drawer(false)));
  $$("details[data-group]").forEach((group) => {
    const key = `group:${group.dataset.group}`;
    const current = group.querySelector("[aria-current]");
    if (kept(key)) group.open = Boolean(current) || kept(key) === "open";
    group.addEventListener("toggle", () => keep(key, group.open ? "open" : "closed"));
  });
  $("[aria-current=page]", side || document)?.scrollIntoView({ block: "nearest" });

  // Small menus close when one looks elsewhere.
  const closeMenus = (except) => $$("details.menu[open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = $("details.menu[open]");
      if (menu) { menu.open = false; $("summary", menu).focus(); }
      if (document.body.classList.contains("drawer")) drawer(false);
    }
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      const box = $("#global-search");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    }
  });

  document.addEventListener("click", (event) => {
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) dismiss.parentElement.remove();
    const toggle = event.target.closest("[data-toggle-class]");
    if (toggle) {
      const on = toggle.closest("form, section, div").classList.toggle(toggle.dataset.toggleClass);
      toggle.setAttribute("aria-expanded", String(on));
    }
  });

  // A suggested value fills its field; a box that searches shows it by itself.
  document.addEventListener("click", (event) => {
    const { fill, value } = event.target.closest("[data-fill]")?.dataset || {};
    const field = fill && document.getElementById(fill);
    if (!field) return;
    if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === value)) {
      field.append(new Option(event.target.textContent, value));
    }
    field.value = value;
    field.dispatchEvent(new Event("filled"));
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // A question before what cannot be taken back, asked once, in our own dialog.
  const dialog = $("#confirm");
  const ask = (text, danger) => new Promise((answer) => {
    $("#confirm-text").textContent = text;
    const yes = $("#confirm-yes");
    yes.classList.toggle("btn-danger", danger);
    yes.classList.toggle("btn-primary", !danger);
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const button = event.submitter;
    if (form.matches("[data-bulk]") && !$$("input[name=rowid]:checked").length) {
      event.preventDefault();
      say(words.choose_rows);
      return;
    }
    const question = button?.dataset.confirm || form.dataset.confirm;
    if (question && dialog && form.dataset.confirmed !== "yes") {
      event.preventDefault();
      const danger = "danger" in (button?.dataset || {}) || "danger" in form.dataset;
      if (await ask(question, danger)) {
        form.dataset.confirmed = "yes";
        form.requestSubmit(button || undefined);
      }
      return;
    }
    delete form.dataset.confirmed;
    form.dataset.leaving = "yes";
    if (form.method === "post") {
      // Not twice. After this turn, so that the button's own value is still sent.
      setTimeout(() => $$("button[type=submit]", form).forEach((b) => { b.disabled = true; }), 0);
    }
    if (form.method === "get") {
      // An empty question need not stand in the address.
      $$("input, select", form).forEach((box) => { if (!box.value && box.name) box.disabled = true; });
    }
  });
  window.addEventListener("pageshow", () => {
    $$("button[type=submit][disabled], .filters [disabled]").forEach((part) => { part.disabled = false; });
    $$("form[data-leaving]").forEach((form) => { delete form.dataset.leaving; });
  });

  // Typed, and going away.
  const guarded = $("form[data-guard]");
  if (guarded) {
    let touched = false;
    guarded.addEventListener("input", () => { touched = true; });
    window.addEventListener("beforeunload", (event) => {
      if (touched && guarded.dataset.leaving !== "yes") event.preventDefault();
    });
    $(".field-bad input, .field-bad select, .field-bad textarea", guarded)?.focus();
  }

  // Chosen rows.
  $$("[data-bulk]").forEach((bulk) => {
    const listing = bulk.closest(".listing");
    const boxes = $$("input[name=rowid]", listing);
    const all = $("[data-pick-all]", listing);
    const count = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      bulk.classList.toggle("is-active", chosen > 0);
      $(".bulk-count", bulk).textContent = chosen ? words.selected.replace("{count}", chosen) : "";
      if (all) { all.checked = chosen === boxes.length; all.indeterminate = chosen > 0 && chosen < boxes.length; }
      boxes.forEach((box) => box.closest("tr").classList.toggle("is-chosen", box.checked));
    };
    all?.addEventListener("change", () => { boxes.forEach((box) => { box.checked = all.checked; }); count(); });
    boxes.forEach((box) => box.addEventListener("change", count));
    count();
  });

  // A click anywhere in a row opens it; links, boxes and marked text keep their own meaning.
  document.addEventListener("click", (event) => {
    const row = event.target.closest(".table-cards tbody tr");
    if (!row || event.target.closest("a, button, input, label, select, form")) return;
    if (String(getSelection())) return;
    $("a.row-link", row)?.click();
  });

  // A list's head sticks to the page while the table fits; a broad table scrolls by itself.
  const fit = () => $$(".table-wrap").forEach((wrap) => {
    wrap.classList.remove("fits", "is-broad");
    const cards = phone.matches && $(".table-cards", wrap);
    const fits = cards || wrap.scrollWidth <= wrap.clientWidth + 1;
    wrap.classList.add(fits ? "fits" : "is-broad");
    if (fits) wrap.removeAttribute("tabindex"); else wrap.tabIndex = 0;
  });
  fit();
  window.addEventListener("resize", fit);

  // Tabs, by the keyboard too; the open one stands in the address.
  $$("[data-tabs]").forEach((tabs) => {
    const buttons = $$("[role=tab]", tabs);
    const open = (button, focus) => {
      buttons.forEach((other) => {
        const on = other === button;
        other.setAttribute("aria-selected", String(on));
        other.tabIndex = on ? 0 : -1;
        document.getElementById(other.getAttribute("aria-controls")).hidden = !on;
      });
      fit();
      if (focus) button.focus();
    };
    buttons.forEach((button, at) => {
      button.addEventListener("click", () => {
        open(button);
        history.replaceState(null, "", `#${button.getAttribute("aria-controls")}`);
      });
      button.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step) open(buttons[(at + step + buttons.length) % buttons.length], true);
      });
    });
    const named = buttons.find((button) => `#${button.getAttribute("aria-controls")}` === location.hash);
    if (named) open(named);
  });
  document.dispatchEvent(new Event("app-ready"));
})();
