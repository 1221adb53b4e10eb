// The language of the page: the one that the person chose, else the first of the browser's that there is, else the
// HTML's. A classic script in the head: `lang` and `dir` hold before anything is shown, and the strings and fonts of that
// language alone are fetched, together with the modules.

(() => {
  const { documentElement: root, currentScript, head } = document;
  const languages = JSON.parse(root.dataset.languages);
  const chosen = [localStorage.getItem("language"), ...navigator.languages, root.lang]
    .map((tag) => languages.find(({ code }) => code === tag?.split("-")[0].toLowerCase()))
    .find((language) => language);
  root.lang = chosen.code;
  root.dir = chosen.direction;
  const preload = (path, attributes) => {
    const href = new URL(path, currentScript.src).href;
    head.append(Object.assign(document.createElement("link"), { href, ...attributes }));
  };
  preload(`strings/${chosen.code}.js`, { rel: "modulepreload" });
  for (const font of chosen.fonts?.split(" ") ?? [])
    preload(`fonts/${font}.woff2`, { rel: "preload", as: "font", type: "font/woff2", crossOrigin: "anonymous" });
})();
