// Only in a site that is being worked on: show it again when it was built again.
"use strict";

let shown;
setInterval(async () => {
  try {
    const version = await (await fetch("/live/version", { cache: "no-store" })).text();
    if (shown !== undefined && version !== shown) location.reload();
    shown = version;
  } catch {
    // The server is gone; it may come back.
  }
}, 1000);
