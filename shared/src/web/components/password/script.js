// How hard a password is to guess, roughly: runs, rows of keys, years and repeats count as one part
// each, every other character as one. The server judges again, with its list of words.
const ROWS = ["abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "01234567890"];
const walks = ROWS.flatMap((row) => [row, [...row].reverse().join("")]);
const parts = (text) => {
  let left = text.toLowerCase(), count = 0;
  const seen = new Set();
  while (left) {
    let part = left.match(/^(?:(.)\1+|(?:19|20)\d\d)/)?.[0] ?? left[0];
    for (let length = 3; length <= left.length; length += 1) {
      if (walks.some((walk) => walk.includes(left.slice(0, length))) && length > part.length) part = left.slice(0, length);
    }
    count += seen.has(part) ? 0.4 : part.length > 1 ? 1.5 : 1;
    seen.add(part);
    left = left.slice(part.length);
  }
  return count;
};
for (const input of document.querySelectorAll("[data-strength]")) {
  const strength = input.closest(".field").querySelector(".strength");
  const words = strength.dataset.words.split("|");
  const [meter, said] = strength.children;
  input.addEventListener("input", () => {
    const score = [...input.value].length < 8 ? 0 : [0, 12, 16].findLastIndex((least) => parts(input.value) >= least) + 1;
    strength.hidden = input.value === "";
    meter.value = score + 1;
    said.textContent = words[score];
  });
}
