// Starts Swagger UI, and gives it the token that the contract's own log-in returns.
"use strict";

const main = document.getElementById("swagger-ui");
const form = document.getElementById("log-in");
const dark = matchMedia("(prefers-color-scheme: dark)");

function paint() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

paint();
dark.addEventListener("change", paint);

const ui = SwaggerUIBundle({
  url: new URL(main.dataset.document, document.baseURI).href,
  domNode: main,
  deepLinking: true,
  // Kept in the browser's storage until "Logout" in the dialog "Authorize".
  persistAuthorization: true,
  validatorUrl: null,
  // A token is taken once the document is there, which names its security scheme.
  onComplete: () => form?.querySelector("button").removeAttribute("disabled"),
});

async function send() {
  const { method, address, mediaType } = form.dataset;
  const account = Object.fromEntries(new FormData(form));
  const isForm = mediaType === "application/x-www-form-urlencoded";
  const response = await fetch(address, {
    method,
    headers: { "Content-Type": mediaType, Accept: "application/json, */*;q=0.5" },
    body: isForm ? new URLSearchParams(account) : JSON.stringify(account),
  });
  const body = await response.json().catch(() => null);
  if (!response.ok) {
    throw new Error(body?.detail ?? `The log-in failed with status ${response.status}.`);
  }
  return body;
}

function tokenIn(body) {
  const names = form.dataset.token.split("/").slice(1);
  const unescaped = names.map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
  return unescaped.reduce((value, name) => value?.[name], body);
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const output = form.querySelector("output");
  output.textContent = "";
  try {
    const token = tokenIn(await send());
    ui.preauthorizeApiKey(form.dataset.scheme, token);
    ui.authActions.persistAuthorizationIfNeeded();
    form.reset();
    output.textContent = "Logged in: requests carry the token until you log out at Authorize.";
  } catch (error) {
    output.textContent = error.message;
  }
});
