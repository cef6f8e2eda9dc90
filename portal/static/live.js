// Swaps in what changed on an open page. Without it the page works the same:
// it is then as new as its last load.
(() => {
  "use strict";
  const body = document.body;
  const live = body.hasAttribute("data-live") && window.EventSource;
  let events;

  const leave = () => { events?.close(); location.assign("/connexion?fin"); };

  // Two minutes before the session ends for want of activity, it says so.
  const ending = document.getElementById("fin");
  if (ending) {
    const idle = ending.dataset.idle * 1000;
    setTimeout(() => {
      ending.hidden = false;
      ending.querySelector("a").focus();
    }, Math.max(0, idle - 120000));
    if (!live) setTimeout(leave, idle); // nobody else will say that it ended
    // A page brought back from the browser's memory is asked for anew.
    addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });
  }

  // How long a place is still kept. Whoever listens is told five minutes before
  // the end, one minute before, and at the end.
  const held = document.querySelector(".held[data-seconds]");
  if (held) {
    const until = Date.now() + held.dataset.seconds * 1000;
    const said = document.getElementById("retenue");
    let told = Infinity;
    const tick = () => {
      const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      if (left === 0) {
        held.remove();
        said.className = "held";
        said.textContent = held.dataset.over;
        return;
      }
      const words = held.dataset.left.replace("{m}", Math.floor(left / 60)).replace("{s}", String(left % 60).padStart(2, "0"));
      held.querySelector(".left").textContent = words;
      const mark = [60, 300].find((seconds) => left <= seconds);
      if (mark < told) { told = mark; said.textContent = words; }
      setTimeout(tick, (until - Date.now()) % 1000 || 1000);
    };
    tick();
  }

  if (!live) return;

  events = new EventSource("/api/v1/events?version=" + encodeURIComponent(body.dataset.version));
  let asking = false, again = false;

  const refresh = async () => {
    if (asking) { again = true; return; }
    asking = true;
    try {
      const answer = await fetch(location.pathname + location.search, { headers: { "Sem-Background": "1" }, cache: "no-store" });
      if (answer.redirected) { leave(); return; }
      if (!answer.ok) return; // the page stands as it is, with its age
      swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      // The network is away; the stream connects again by itself and says so.
    } finally {
      asking = false;
      if (again) { again = false; refresh(); }
    }
  };

  const swap = (fresh) => {
    let changed = false;
    for (const old of document.querySelectorAll("[data-swap]")) {
      const now = fresh.getElementById(old.id);
      if (!now || now.outerHTML === old.outerHTML.replace(" changed\"", "\"")) continue;
      const focused = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
      now.classList.add("changed");
      old.replaceWith(now);
      if (focused) [...now.querySelectorAll("a")].find((a) => a.getAttribute("href") === focused)?.focus();
      changed = true;
    }
    const news = document.getElementById("nouvelles");
    if (changed && news) {
      news.textContent = "";
      requestAnimationFrame(() => { news.textContent = news.dataset.changed; });
    }
  };

  events.addEventListener("changed", refresh);
  events.addEventListener("ended", leave);
  addEventListener("pagehide", () => events.close());
})();
