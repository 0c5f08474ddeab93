/* States of runs and trainings, and events that follow them. */

export const LIVE = ["queued", "running", "started", "training"];
export const STATES = { queued: "waits for its turn", running: "starts", started: "starts", training: "trains", trained: "trained", ended: "ended", finished: "finished", interrupted: "interrupted", failed: "failed", killed: "its process was killed", waiting: "starts", missing: "there is no such run" };

const PATIENCE = 2500; /* milliseconds without a connection, after which the page says so */

/* A stream of events that goes on after a break, which the page says; gives a function that ends it.

While the page is hidden the stream is closed: a browser opens six connections to a server at most,
over all its tabs. A page that is shown again gets what it has missed, by the last event's id. */
export function follow(address, handlers) {
  const notice = document.getElementById("connection");
  let source = null;
  let last = "";
  let timer = 0;
  const connected = () => {
    clearTimeout(timer);
    timer = 0;
    notice.hidden = true;
  };
  const broken = () => {
    timer ||= setTimeout(() => {
      notice.textContent = source.readyState === EventSource.CLOSED
        ? "The server sends no changes to this page any more. Reload it."
        : "The server does not answer. Start it again with: glassnet web. This page then goes on by itself.";
      notice.hidden = false;
    }, PATIENCE);
  };
  const open = () => {
    source = new EventSource(last ? `${address}?last=${encodeURIComponent(last)}` : address);
    source.addEventListener("open", connected);
    source.addEventListener("error", broken);
    for (const [kind, handle] of Object.entries(handlers)) {
      source.addEventListener(kind, (event) => {
        last = event.lastEventId;
        handle(JSON.parse(event.data));
      });
    }
  };
  const change = () => {
    if (document.hidden) {
      source.close();
      connected();
    } else if (source.readyState === EventSource.CLOSED) open();
  };
  open();
  document.addEventListener("visibilitychange", change);
  return () => {
    document.removeEventListener("visibilitychange", change);
    source.close();
    connected();
  };
}
