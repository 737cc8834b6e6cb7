"use strict";
// "/" or Ctrl-K takes the reader to the search in the head of every page, unless something is being typed.
document.addEventListener("keydown", (event) => {
    const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey;
    const finding = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey;
    const typing = event.target.closest("input:not([type=radio], [type=checkbox]), select, textarea, [contenteditable]");
    const search = document.querySelector(".site-search input") || document.querySelector("input[type=search]");
    if ((slash || finding) && !typing && search) {
        event.preventDefault();
        search.focus();
        search.select();
    }
});
