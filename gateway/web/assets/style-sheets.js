// The style sheets of views, each loaded once, when a view is first shown.

const loaded = new Map();

function load(name) {
  const href = new URL(`styles/${name}.css`, import.meta.url).pathname;
  if (document.querySelector(`link[rel="stylesheet"][href="${href}"]`)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
    link.addEventListener("load", () => resolve(), { once: true });
    link.addEventListener("error", () => {
      link.remove();
      loaded.delete(name);
      reject(new Error(`The style sheet ${name} could not be loaded.`));
    });
    document.head.append(link);
  });
}

/** Load `styles/<name>.css`, once; resolves when it applies. Rejects where it can't be loaded; another call tries again. */
export function loadStyle(name) {
  if (!loaded.has(name)) loaded.set(name, load(name));
  return loaded.get(name);
}
