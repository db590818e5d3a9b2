// How much was not read: asked for after half a minute, then ever less often, and not while nobody looks.
const bell = document.querySelector(".bell");
if (bell) {
  const SOON = 30_000, SELDOM = 480_000;
  let wait = SOON, timer;
  const ask = async () => {
    wait = Math.min(wait * 2, SELDOM);
    try {
      const reply = await fetch("/notifications/unread", { headers: { accept: "application/json" } });
      // Signed out: there is nothing more to ask.
      if (reply.redirected) return;
      if (reply.ok) {
        const { unread, words, number } = await reply.json();
        const count = bell.querySelector(".count");
        count.textContent = number;
        count.hidden = unread === 0;
        bell.setAttribute("aria-label", words);
      }
    } catch {
      // The network is away; the next time will tell.
    }
    later();
  };
  const later = () => {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(ask, wait);
  };
  document.addEventListener("visibilitychange", () => {
    wait = SOON;
    later();
  });
  later();
}
