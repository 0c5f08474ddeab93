/* The user's own data: a folder or a table, dropped or chosen, uploaded file by file and checked. */

import { announce, element, request, respond, showError } from "./dom.js";

const AT_ONCE = 4;

/* A place to drop data; `done` gets what the check has found. */
export function uploadArea(done) {
  const folder = element("input", { type: "file", webkitdirectory: true, hidden: true, "aria-label": "A folder of images or texts" });
  const files = element("input", { type: "file", multiple: true, hidden: true, "aria-label": "A table, or files" });
  const chooser = (title, input) => {
    const button = element("button", { class: "action", type: "button" }, title);
    button.addEventListener("click", () => input.click());
    return button;
  };
  const state = element("div", { class: "upload-state" });
  const error = element("div", { class: "error", role: "alert", hidden: true });
  const drop = element("div", { class: "drop upload" }, [
    element("p", {}, "Drop a folder here, with a folder per class or with texts, or a table of texts."),
    element("div", { class: "actions" }, [chooser("Choose a folder", folder), chooser("Choose a table", files)]),
    folder, files, state, error,
  ]);
  let isBusy = false;
  const start = async (found) => {
    const listed = await found;
    if (isBusy || !listed.length) return;
    isBusy = true;
    error.hidden = true;
    done(null);
    try {
      done(await send(listed, state));
    } catch (problem) {
      if (problem.name !== "AbortError") showError(error, problem);
    }
    state.replaceChildren();
    isBusy = false;
  };
  for (const input of [folder, files]) {
    input.addEventListener("change", () => {
      start([...input.files].map((file) => [file.webkitRelativePath || file.name, file]));
      input.value = "";
    });
  }
  for (const kind of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
      if (kind === "drop") start(dropped(event.dataTransfer));
    });
  }
  return drop;
}

/* Path and file of all that was dropped, folders with their files. */
async function dropped(transfer) {
  const found = [];
  const walk = async (entry) => {
    if (entry.isFile) {
      found.push([entry.fullPath.slice(1), await new Promise((resolve, reject) => { entry.file(resolve, reject); })]);
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const entries = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
      if (!entries.length) return;
      for (const each of entries) await walk(each);
    }
  };
  for (const entry of [...transfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean)) await walk(entry);
  return found;
}

/* Upload files and check them; hidden ones are left out, and so is a folder that all are in. */
async function send(found, state) {
  const shown = found.filter(([path]) => !path.split("/").some((part) => part.startsWith(".")));
  if (!shown.length) throw { error: "there are no files in it", hint: "choose a folder with images or texts, or a table" };
  const tops = new Set(shown.map(([path]) => path.split("/")[0]));
  const isWrapped = tops.size === 1 && shown.every(([path]) => path.includes("/"));
  const name = tops.size === 1 ? [...tops][0] : "upload";
  const { upload } = await request("api/uploads", { name });
  const ended = new AbortController();
  const bar = element("progress", { max: shown.length, value: 0, "aria-label": "files uploaded" });
  const text = element("span");
  const cancel = element("button", { class: "action", type: "button" }, "Cancel");
  cancel.addEventListener("click", () => ended.abort());
  state.replaceChildren(text, bar, cancel);
  const waiting = shown[Symbol.iterator]();
  let count = 0;
  const work = async () => {
    for (const [path, file] of waiting) {
      const inside = isWrapped ? path.slice(path.indexOf("/") + 1) : path;
      const address = `api/uploads/${upload}/files/${inside.split("/").map(encodeURIComponent).join("/")}`;
      await respond(address, { method: "PUT", body: file, signal: ended.signal });
      count += 1;
      bar.value = count;
      text.textContent = `${count.toLocaleString("en")} of ${shown.length.toLocaleString("en")} files`;
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } catch (problem) {
    ended.abort();
    await request(`api/uploads/${upload}/delete`, {}).catch(() => {});
    throw problem;
  }
  text.textContent = "Checking the data. Nothing is trained yet.";
  announce(text.textContent);
  bar.removeAttribute("value");
  cancel.remove();
  return request(`api/uploads/${upload}/check`, {});
}

const HEADINGS = { refusal: "Why it cannot be trained on", warning: "Warnings", note: "Notes" };

/* What a check has found: the classes, and the problems with their images and rows. */
export function checkReport(report) {
  const counts = Object.entries(report.counts ?? {}).map(([split, each]) => `${split} ${each.reduce((one, other) => one + other, 0).toLocaleString("en")}`);
  const parts = [
    element("p", {}, report.trainable
      ? (report.problems.length ? "Ready to train, with what is listed below." : "No problems found; ready to train.")
      : "It cannot be trained on as it is."),
    element("p", { class: "secondary" }, [
      counts.length ? `${report.modality}: ${counts.join(", ")}. ` : "",
      report.classes?.length ? `${report.classes.length} classes: ${report.classes.slice(0, 12).join(", ")}${report.classes.length > 12 ? " …" : ""}. ` : "",
      `The files are in ${report.folder}.`,
    ].join("")),
  ];
  for (const [severity, heading] of Object.entries(HEADINGS)) {
    const problems = report.problems.filter((each) => each.severity === severity);
    if (problems.length) parts.push(element("h3", {}, heading), element("ul", { class: `problems ${severity}` }, problems.map(problemItem)));
  }
  return element("div", { class: "check" }, parts);
}

function problemItem(problem) {
  const images = problem.examples.filter((each) => each.image);
  const lines = problem.examples.filter((each) => each.line);
  const others = problem.examples.filter((each) => !each.image && !each.line);
  const parts = [element("p", {}, `${problem.text}.`), problem.hint ? element("p", { class: "secondary" }, problem.hint) : ""];
  if (images.length) parts.push(element("div", { class: "thumbnails" }, images.map((each) => element("figure", {}, [
    element("img", { src: each.image, alt: "" }), element("figcaption", {}, each.text),
  ]))));
  if (lines.length) parts.push(element("div", { class: "table-box", tabindex: 0, role: "region", "aria-label": "The lines of the table" }, element("table", {}, [
    element("thead", {}, element("tr", {}, ["where", "line"].map((name) => element("th", { scope: "col" }, name)))),
    element("tbody", {}, lines.map((each) => element("tr", {}, [element("th", { scope: "row" }, each.text), element("td", {}, each.line)]))),
  ])));
  if (others.length) parts.push(element("details", {}, [
    element("summary", {}, `${problem.count > others.length ? `The first ${others.length} of ${problem.count.toLocaleString("en")}` : "Which"}`),
    element("ul", { class: "secondary" }, others.map((each) => element("li", {}, each.text))),
  ]));
  return element("li", {}, parts);
}

/* The uploads that are there, each with a button that deletes it. */
export function uploadsList(uploads, changed, error) {
  return element("ul", { class: "uploads" }, uploads.map((each) => {
    const button = element("button", { class: "action", type: "button", "aria-label": `Delete the upload ${each.upload}` }, "Delete");
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        await request(`api/uploads/${each.upload}/delete`, {});
        changed();
      } catch (problem) {
        showError(error, problem);
        button.disabled = false;
      }
    });
    return element("li", {}, [element("span", {}, [element("b", {}, each.upload), ` ${size(each.bytes)}, ${each.folder}`]), button]);
  }));
}

function size(bytes) {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toLocaleString("en", { maximumFractionDigits: 1 })} MB`;
}
