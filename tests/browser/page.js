// A front end of any API: `send` is its only way to the API, `show` lists items in the page.

async function send(base, method, path, { body, token, headers = {} } = {}) {
  const all = { ...headers };
  if (body !== undefined) all["Content-Type"] = "application/json";
  if (token) all["Authorization"] = `Bearer ${token}`;
  const response = await fetch(base + path, {
    method,
    headers: all,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: text ? JSON.parse(text) : null,
  };
}

function show(items, name) {
  const texts = items.map((item) => Object.assign(document.createElement("li"), { textContent: item[name] }));
  document.getElementById("items").replaceChildren(...texts);
}
