/* An image file: chosen, dropped, or pasted while the page is open. */

import { element } from "./dom.js";

/* `send` gets the file's content as a data address; `pastes` if it takes what is pasted as well. */
export function fileInput(send, title = "Choose an image file, or drop or paste one", pastes = true) {
  const file = element("input", { type: "file", accept: "image/*" });
  const drop = element("label", { class: "drop" }, [title, file]);
  const read = (blob) => {
    if (!blob) return;
    const reader = new FileReader();
    reader.addEventListener("load", () => send(reader.result));
    reader.readAsDataURL(blob);
  };
  file.addEventListener("change", () => read(file.files[0]));
  for (const kind of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
      if (kind === "drop") read(event.dataTransfer.files[0]);
    });
  }
  const paste = (event) => {
    if (!drop.isConnected) document.removeEventListener("paste", paste);
    else read([...event.clipboardData.files].find((each) => each.type.startsWith("image/")));
  };
  if (pastes) document.addEventListener("paste", paste);
  return drop;
}
