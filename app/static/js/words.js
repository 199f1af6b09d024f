// The sentences that the modules need stand in the page (<html data-words='{...}'>), in its language.

let words = null;

/** The sentence for a key; {name} is replaced by values.name. */
export function word(key, values = {}) {
  if (words === null) {
    try {
      words = JSON.parse(document.documentElement.dataset.words || "{}");
    } catch {
      words = {};
    }
  }
  const text = words[key] || key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
