for (const box of document.querySelectorAll("[data-secrets]")) {
  const text = [...box.querySelectorAll("code")].map((it) => it.textContent).join("\n") + "\n";
  const said = box.querySelector("[role=status]");
  const ways = {
    copy: async (button) => {
      await navigator.clipboard.writeText(text);
      said.textContent = button.dataset.done;
    },
    download: (button) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
      link.download = button.dataset.file;
      link.click();
      URL.revokeObjectURL(link.href);
    },
    print: () => print(),
  };
  for (const button of box.querySelectorAll("[data-take]")) {
    button.hidden = button.dataset.take === "copy" && !navigator.clipboard;
    button.addEventListener("click", () => ways[button.dataset.take](button));
  }
}
