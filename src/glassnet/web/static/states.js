/* States of runs and trainings, and events that follow them. */

export const LIVE = ["queued", "running", "started", "training"];
export const STATES = { queued: "waits for its turn", running: "starts", started: "starts", training: "trains", trained: "trained", ended: "ended", finished: "finished", interrupted: "interrupted", failed: "failed", killed: "its process was killed", waiting: "starts" };

/* A stream of events that goes on after a break; gives a function that ends it. */
export function follow(address, handlers) {
  const source = new EventSource(address);
  for (const [kind, handle] of Object.entries(handlers)) {
    source.addEventListener(kind, (event) => handle(JSON.parse(event.data)));
  }
  return () => source.close();
}
