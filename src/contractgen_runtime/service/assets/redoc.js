// Starts ReDoc, in the colors that the reader prefers.
"use strict";

const main = document.getElementById("redoc");
const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => location.reload());

const text = { primary: "#e6e6e6", secondary: "#b8bcc2" };
const darkTheme = {
  colors: {
    primary: { main: "#7ab7ff" },
    text,
    border: { dark: "#3b424b", light: "#2a3038" },
    responses: {
      success: { color: "#6fcf8e", backgroundColor: "#14301e", tabTextColor: "#6fcf8e" },
      error: { color: "#ff8f8f", backgroundColor: "#3a1a1c", tabTextColor: "#ff8f8f" },
      redirect: { color: "#ffc56b", backgroundColor: "#35280f", tabTextColor: "#ffc56b" },
      info: { color: "#7ab7ff", backgroundColor: "#14263a", tabTextColor: "#7ab7ff" },
    },
  },
  schema: { linesColor: "#4d6a8a", typeNameColor: "#b8bcc2", typeTitleColor: "#b8bcc2", nestedBackground: "#1d2229" },
  typography: { code: { color: "#ffab91", backgroundColor: "#242a32" }, links: { color: "#7ab7ff", visited: "#7ab7ff" } },
  sidebar: { backgroundColor: "#1a1e24", textColor: "#e6e6e6", activeTextColor: "#7ab7ff" },
  rightPanel: { backgroundColor: "#0f1216" },
  fab: { backgroundColor: "#242a32" },
};

Redoc.init(
  new URL(main.dataset.document, document.baseURI).href,
  dark.matches ? { theme: darkTheme } : {},
  main,
);
