// A page that says what was taken ends its draft.
for (const said of document.querySelectorAll("[data-taken]")) sessionStorage.removeItem(`draft ${said.dataset.taken}`);
// What was typed lies in the tab: it survives a reload and signing in anew, and goes with the tab.
for (const area of document.querySelectorAll("[data-draft]")) {
  const place = `draft ${area.dataset.draft}`;
  const fields = [...area.form.querySelectorAll("input[type=text], textarea, select")].filter((it) => it.name);
  const kept = JSON.parse(sessionStorage.getItem(place) ?? "{}");
  if (!area.value) {
    for (const it of fields) if (kept[it.name]) it.value = kept[it.name];
  }
  const keep = () => sessionStorage.setItem(place, JSON.stringify(Object.fromEntries(fields.map((it) => [it.name, it.value]))));
  area.form.addEventListener("input", keep);
  area.form.addEventListener("submit", keep);
}
// An answer that is written often goes to where the cursor stands.
for (const answer of document.querySelectorAll("[data-insert]")) {
  answer.addEventListener("click", (event) => {
    const area = answer.closest("form").querySelector("textarea");
    event.preventDefault();
    area.focus();
    area.setRangeText(answer.dataset.insert, area.selectionStart, area.selectionEnd, "end");
    area.form.dispatchEvent(new Event("input"));
  });
}
for (const box of document.querySelectorAll("[data-files]")) {
  const input = box.querySelector("input[type=file]");
  const said = box.querySelector("[role=status]");
  input.parentElement.hidden = false;
  box.querySelector("a.button").hidden = true;
  const add = (id, name) => {
    const item = document.createElement("li");
    const label = document.createElement("label");
    label.className = "check";
    const tick = Object.assign(document.createElement("input"), { type: "checkbox", name: "attachment", value: id, checked: true });
    const words = document.createElement("span");
    words.append(Object.assign(document.createElement("bdi"), { textContent: name }));
    label.append(tick, " ", words);
    item.append(label);
    box.querySelector("ul").append(item);
  };
  const send = async (file) => {
    const asked = await fetch(box.dataset.files, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: file.name, bytes: file.size, type: file.type || "application/octet-stream" }),
    });
    const reply = await asked.json();
    if (!asked.ok) throw new Error(reply.errors?.[0]?.message ?? reply.detail);
    const form = new FormData();
    for (const [name, value] of Object.entries(reply.upload.fields)) form.append(name, value);
    form.append("file", file);
    const sent = await fetch(reply.upload.url, { method: "POST", body: form });
    if (!sent.ok) throw new Error(box.dataset.failed);
    add(reply.id, file.name);
  };
  const form = box.closest("form");
  form.addEventListener("submit", (event) => {
    if (box.dataset.busy) event.preventDefault();
  });
  input.addEventListener("change", async () => {
    const wrong = [];
    const files = [...input.files];
    input.value = "";
    box.dataset.busy = "1";
    for (const file of files) {
      said.textContent = `${file.name} …`;
      try {
        await send(file);
      } catch (error) {
        wrong.push(`${file.name}: ${error.message || box.dataset.failed}`);
      }
    }
    delete box.dataset.busy;
    said.textContent = wrong.join(" · ") || box.dataset.sent;
  });
}
