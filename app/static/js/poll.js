// Parts of a page that refresh themselves: <div data-poll="url" data-poll-seconds="2">.
(() => {
  "use strict";
  const follow = (box) => {
    const pause = 1000 * (Number(box.dataset.pollSeconds) || 3);
    let tag = "";
    const again = () => setTimeout(look, pause);
    const show = (text) => {
      // Whoever is on a button of this part keeps his place.
      if (!box.contains(document.activeElement)) box.innerHTML = text;
    };
    const look = async () => {
      if (document.hidden) return again();
      try {
        const answer = await fetch(box.dataset.poll, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store", redirect: "error" });
        if (answer.status === 200) {
          tag = answer.headers.get("ETag") || "";
          show(await answer.text());
          if (answer.headers.get("X-Ended")) return location.reload();
        } else if (answer.status >= 400 && answer.status < 500) return undefined;
      } catch { /* the next look tries again */ }
      return again();
    };
    again();
  };
  document.querySelectorAll("[data-poll]").forEach(follow);
})();
