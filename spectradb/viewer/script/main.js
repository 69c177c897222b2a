// The page itself: opening a lab, and its screens.

const SCREENS = { overview: ["Overview", overview], answers: ["Answers", answers], samples: ["Samples", samples], sql: ["SQL", questions] };
const main = document.getElementById("main");
const tabs = document.getElementById("tabs");

class Viewer {
  static async of(lab) {
    const viewer = new Viewer();
    viewer.lab = lab;
    [viewer.status] = await lab.ask("status");
    viewer.searches = await lab.ask("searches");
    return viewer;
  }

  mainSearch() {
    return (this.searches.find(search => search.is_latest) ?? this.searches[0]).search_id;
  }

  async show(screen, asked) {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    closeHit();
    for (const tab of tabs.children) {
      if (tab.dataset.screen === screen) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
    main.setAttribute("aria-busy", "true");
    let parts;
    try {
      parts = (await SCREENS[screen][1](this, asked)).flat().filter(Boolean);
    } catch (error) {
      parts = [said(error.message, "error")];
    }
    if (turn !== this.turn) return;
    main.replaceChildren(...parts);
    main.dataset.screen = screen;
    main.removeAttribute("aria-busy");
  }
}

let viewer = null;

async function open(source) {
  const name = source instanceof File ? source.name : source;
  main.replaceChildren(said(`opening ${name} ...`));
  tabs.hidden = true;
  closeHit();
  try {
    await viewer?.lab.close();
    viewer = null;
    const lab = await Lab.open(source);
    try {
      viewer = await Viewer.of(lab);
    } catch (error) {
      await lab.close();
      throw new Error(`${lab.name} is no lab that this page can show; spectradb publish makes one of this version. (${error.message})`);
    }
    document.getElementById("title").textContent = lab.bytes === null ? lab.name : `${lab.name}, ${size(lab.bytes)}`;
    tabs.replaceChildren(
      ...Object.entries(SCREENS).map(([screen, [title]]) => button(title, () => viewer.show(screen), { "data-screen": screen })),
      button("Open another", () => ask(), { class: "other" }));
    tabs.hidden = false;
    await viewer.show("overview");
  } catch (error) {
    ask(`${name} cannot be opened: ${reason(error)}`);
  }
}

function reason(error) {
  if (/version number/.test(error.message)) return `an earlier spectradb, or another program, wrote it; spectradb publish writes it anew. (${error.message})`;
  if (/not a valid DuckDB database/.test(error.message)) return `it is no DuckDB file. (${error.message})`;
  return error.message;
}

// Ask for a lab; after a failure, say what failed.
function ask(failure) {
  startAhead();
  const file = element("input", { type: "file", id: "file", accept: ".duckdb", on: { change: event => event.target.files[0] && open(event.target.files[0]) } });
  main.replaceChildren(...[
    failure ? said(failure, "error") : null,
    element("label", { class: "drop", id: "drop" }, element("strong", { text: "Drop a lab.duckdb here" }), element("span", { text: "or choose one:" }), file),
    said("The lab is read where it lies. Nothing of it is sent anywhere, and it is not changed."),
  ].filter(Boolean));
}

addEventListener("dragover", event => {
  event.preventDefault();
  document.body.classList.add("dragging");
});
addEventListener("dragleave", event => event.relatedTarget ?? document.body.classList.remove("dragging"));
addEventListener("drop", event => {
  event.preventDefault();
  document.body.classList.remove("dragging");
  if (event.dataTransfer.files.length) open(event.dataTransfer.files[0]);
});
addEventListener("keydown", event => event.key === "Escape" && closeHit());

const named = new URLSearchParams(location.search).get("lab");
if (named) open(new URL(named, location.href).href);
else ask();
