// The language of the page: the one that the person chose, else the first of the browser's that there is, else the
// HTML's. A classic script in the head: `lang` and `dir` hold before anything is shown, and the strings of that language
// alone are fetched, together with the modules. Where this script has not loaded, the HTML says so in every language.

(() => {
  const { documentElement: root, currentScript, head } = document;
  const languages = JSON.parse(root.dataset.languages);
  const chosen = [localStorage.getItem("language"), ...navigator.languages, root.lang]
    .map((tag) => languages.find(({ code }) => code === tag?.split("-")[0].toLowerCase()))
    .find((language) => language);
  root.lang = chosen.code;
  root.dir = chosen.direction;
  const others = new CSSStyleSheet();
  others.replaceSync(`.not-loaded > :not([lang="${chosen.code}"]) { display: none; }`);
  document.adoptedStyleSheets = [others];
  const strings = document.createElement("link");
  strings.rel = "modulepreload";
  strings.href = new URL(`strings/${chosen.code}.js`, currentScript.src).href;
  head.append(strings);
})();
