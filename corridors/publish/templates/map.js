/* Names reach the page as text, never as markup: no innerHTML here. Looks are classes of the style. */
const plan = JSON.parse(document.getElementById("map-data").textContent);
const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
L.Map.mergeOptions({
  fadeAnimation: !calm, zoomAnimation: !calm, markerZoomAnimation: !calm, inertia: !calm,
});
const groups = {};
const redraws = {}; /* what a layer has to do anew when the day or the time changes */
const panes = [
  "ground", "halo", "found", "risk", "outline", "casing", "route", "flow", "arrow",
];
const roomOfArrow = 80; /* pixels from one arrow head to the next */
const now = { day: "", quarter: 0 }; /* quarter 0 is the whole window */
let map = null;
let found = null;

/* --- positions ------------------------------------------------------------------------------- */

function unpack(steps) {
  const line = [];
  let lon = 0;
  let lat = 0;
  for (let i = 0; i < steps.length; i += 2) {
    lon += steps[i];
    lat += steps[i + 1];
    line.push([lat / 1e6, lon / 1e6]);
  }
  return line;
}

const paths = plan.paths.map(unpack);

function linesOf(places) {
  return places.map(function (place) { return paths[place]; });
}

function turned(at) {
  return [at[1], at[0]];
}

/* --- words ----------------------------------------------------------------------------------- */

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function wordsBox(lines, card) {
  const box = document.createElement("div");
  lines.filter(Boolean).forEach(function (line, i) {
    box.appendChild(element(i === 0 ? "strong" : "span", line));
  });
  if (card) {
    const link = element("a", "The full patrol card, with its rules");
    link.href = "#card-" + card;
    box.insertBefore(link, box.children[1] || null);
  }
  return box;
}

function nameOf(place) {
  return plan.names[plan.name_of[place]] || "Unnamed path";
}

function bandsOf(kind) {
  const bands = {};
  plan[kind].on.forEach(function (place, i) { bands[place] = plan[kind].bands[i]; });
  return bands;
}

const bands = { risk: bandsOf("risk"), flow: bandsOf("flow") };

function bandAt(kind, place) {
  const digits = bands[kind][place] || "0";
  return Number(digits[Math.min(now.quarter, digits.length - 1)]);
}

function whenWords() {
  return now.quarter ? plan.quarters[now.quarter - 1] : "Whole window";
}

function streetWords(place) {
  return [
    nameOf(place),
    whenWords(),
    "Risk: " + plan.risk_words[bandAt("risk", place)],
    "Expected: " + plan.flow_words[bandAt("flow", place)],
    plan.caution,
  ];
}

/* --- drawing --------------------------------------------------------------------------------- */

function draw(group, lines, pane, look, words) {
  const line = L.polyline(lines, { pane: pane, className: "line " + look, interactive: !!words });
  if (words) { line.bindPopup(function () { return wordsBox(words); }); }
  return line.addTo(group);
}

function fill(group, rings, look, words) {
  const area = L.polygon(rings.map(unpack), {
    pane: words ? "outline" : "ground", className: "area " + look, interactive: !!words,
  });
  if (words) { area.bindPopup(function () { return wordsBox(words); }); }
  return area.addTo(group);
}

/* A mark is centred when it is on the page and its size is known. */
function mark(group, at, label, kind, words, turn) {
  const text = element("span", label);
  if (turn) { text.style.transform = "rotate(" + Number(turn) + "deg)"; }
  const made = L.marker(at, {
    icon: L.divIcon({ className: "mark " + kind, html: text, iconSize: null }),
    interactive: !!words,
    keyboard: !!words,
    title: words ? words[0] : "",
  });
  if (words) { made.bindPopup(function () { return wordsBox(words); }); }
  made.addTo(group);
  return made;
}

function nearest(places, latlng) {
  const point = map.latLngToLayerPoint(latlng);
  let best = null;
  let least = Infinity;
  places.forEach(function (place) {
    const line = paths[place].map(function (at) { return map.latLngToLayerPoint(at); });
    for (let i = 1; i < line.length; i += 1) {
      const far = L.LineUtil.pointToSegmentDistance(point, line[i - 1], line[i]);
      if (far < least) { least = far; best = place; }
    }
  });
  return best;
}

/* One line a band, however many streets: the press finds the street. */
function banded(group, kind) {
  group.clearLayers();
  const byBand = {};
  plan[kind].on.forEach(function (place) {
    const band = bandAt(kind, place);
    if (band) { (byBand[band] = byBand[band] || []).push(place); }
  });
  Object.keys(byBand).sort().forEach(function (band) {
    const places = byBand[band];
    if (kind === "flow") { draw(group, linesOf(places), kind, "flow-case flow-case-" + band); }
    const line = draw(group, linesOf(places), kind, kind + " " + kind + "-" + band, [kind]);
    line.unbindPopup().on("click", function (event) {
      const place = nearest(places, event.latlng);
      L.popup().setLatLng(event.latlng).setContent(wordsBox(streetWords(place))).openOn(map);
    });
  });
}

const fillers = {
  base: function (group) {
    plan.areas.forEach(function (area) {
      if (area.open) { draw(group, area.rings.map(unpack), "ground", area.kind); }
      else if (area.rings.length) { fill(group, area.rings, area.kind); }
    });
    const isMajor = new Set(plan.major);
    const minor = paths.filter(function (_, place) { return !isMajor.has(place); });
    const major = linesOf(plan.major);
    draw(group, minor, "ground", "casing minor");
    draw(group, major, "ground", "casing major");
    draw(group, minor, "ground", "street minor");
    draw(group, major, "ground", "street major");
    draw(group, plan.boundary.map(unpack), "ground", "boundary");
  },
  corridors: function (group) {
    plan.corridors.forEach(function (c) {
      draw(group, linesOf(c.on), "halo", "halo-edge");
      draw(group, linesOf(c.on), "halo", "halo", c.words);
    });
    plan.corridors.forEach(function (c) {
      mark(group, turned(c.at), c.label, "name corridor", c.words);
    });
  },
  risk: function (group) {
    redraws.risk = function () { banded(group, "risk"); };
    redraws.risk();
  },
  flow: function (group) {
    redraws.flow = function () { banded(group, "flow"); };
    redraws.flow();
  },
  spots: function (group) {
    plan.spots.forEach(function (s) {
      fill(group, s.rings, "spot", s.words);
      mark(group, turned(s.at), s.label, "name hot-spot", s.words);
    });
  },
  clear: function (group) {
    plan.clear.forEach(function (c) { fill(group, c.rings, "keep-clear", c.words); });
  },
  schools: function (group) {
    plan.gates.forEach(function (g) {
      mark(group, turned(g.at), "", "gate", g.words);
    });
    plan.schools.forEach(function (s) {
      mark(group, turned(s.at), s.label, "name school", s.words);
    });
  },
  labels: function (group) {
    plan.labels.forEach(function (l) {
      mark(group, turned(l[0]), l[1], l[3] ? "street-name minor" : "street-name", null, l[2]);
    });
  },
  tiles: function (group) {
    L.tileLayer(plan.tiles, { maxZoom: 19 }).addTo(group);
  },
};

function teamOf(key) {
  return plan.teams.find(function (team) { return team.key === key; });
}

function cardOf(team) {
  return team.cards[now.day] || { words: [team.label], card: 0 };
}

function fillTeam(group, team) {
  const streets = Array.from(new Set(team.walk.map(function (step) { return Math.abs(step) - 1; })));
  draw(group, linesOf(streets), "casing", "route-casing");
  const line = draw(group, linesOf(streets), "route", "route route-" + team.look, team.words);
  line.unbindPopup().bindPopup(function () {
    const card = cardOf(team);
    return wordsBox(card.words.concat(team.words), card.card);
  });
  team.arrows = L.featureGroup().addTo(group);
  team.marks = L.featureGroup().addTo(group);
  team.place = L.featureGroup().addTo(group);
}

/* Called by the script that folium writes. */
function corridorsAdd(group, key) {
  groups[key] = group;
  if (fillers[key]) { fillers[key](group); } else { fillTeam(group, teamOf(key)); }
}

/* --- what depends on the zoom ---------------------------------------------------------------- */

/* Heads on the left of the walk, so that there and back do not cover each other. */
function heads(team) {
  const seen = new Set();
  const made = [];
  let gone = roomOfArrow / 2;
  team.walk.forEach(function (step) {
    if (seen.has(step)) { gone = roomOfArrow / 2; return; }
    seen.add(step);
    const line = paths[Math.abs(step) - 1].map(function (at) { return map.latLngToLayerPoint(at); });
    if (step < 0) { line.reverse(); }
    for (let i = 1; i < line.length; i += 1) {
      const a = line[i - 1];
      const length = a.distanceTo(line[i]);
      const along = line[i].subtract(a).divideBy(length || 1);
      let at = roomOfArrow - gone;
      for (; at < length; at += roomOfArrow) { made.push(head(a.add(along.multiplyBy(at)), along)); }
      gone = length - (at - roomOfArrow);
    }
  });
  return made;
}

function head(middle, along) {
  const left = L.point(along.y, -along.x);
  const at = middle.add(left.multiplyBy(8));
  return [
    at.add(along.multiplyBy(7)),
    at.add(left.multiplyBy(5)).subtract(along.multiplyBy(5)),
    at.subtract(left.multiplyBy(5)).subtract(along.multiplyBy(5)),
  ].map(function (point) { return map.layerPointToLatLng(point); });
}

function inOrder(numbers) {
  return numbers.slice().sort(function (a, b) { return a - b; });
}

function labelOf(numbers) {
  const ordered = inOrder(numbers);
  return ordered.length > 3 ? ordered.slice(0, 2).join("·") + "…" : ordered.join("·");
}

/* Half the width and height of a mark with room round it, in pixels. */
function sizeOf(step) {
  return [Math.max(labelOf(step.numbers).length * 3.6 + 8, 14), 14];
}

function touch(a, b) {
  return Math.abs(a.point.x - b.point.x) < sizeOf(a)[0] + sizeOf(b)[0]
    && Math.abs(a.point.y - b.point.y) < sizeOf(a)[1] + sizeOf(b)[1];
}

function merged(a, b) {
  return {
    point: b.stand && !a.stand ? b.point : a.point,
    numbers: a.numbers.concat(b.numbers),
    words: a.words.concat(b.words),
    stand: a.stand || b.stand,
  };
}

/* Steps whose marks would touch share one. */
function clusters(team) {
  const waiting = team.steps.map(function (step) {
    return Object.assign({ point: map.latLngToLayerPoint(turned(step.at)) }, step);
  });
  const made = [];
  while (waiting.length) {
    const step = waiting.shift();
    const near = made.findIndex(function (other) { return touch(other, step); });
    if (near < 0) { made.push(step); } else { waiting.unshift(merged(made.splice(near, 1)[0], step)); }
  }
  return made;
}

const ways = [[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1], [1, -1], [-1, 1]];

/* A mark steps aside for one of another team. */
function aside(step, taken) {
  for (const way of ways) {
    const by = L.point(way[0] * 2 * sizeOf(step)[0], way[1] * 2 * sizeOf(step)[1]);
    const tried = Object.assign({}, step, { point: step.point.add(by) });
    if (!taken.some(function (other) { return touch(other, tried); })) { return tried; }
  }
  return step;
}

function drawTeam(team, taken) {
  team.arrows.clearLayers();
  team.marks.clearLayers();
  L.polygon(heads(team).map(function (h) { return [h]; }), {
    pane: "arrow", className: "arrow arrow-" + team.look, interactive: false,
  }).addTo(team.arrows);
  clusters(team).forEach(function (cluster) {
    const step = aside(cluster, taken);
    const words = [team.label].concat(step.words.sort(function (a, b) {
      return a.localeCompare(b, "en", { numeric: true });
    }));
    taken.push(step);
    const kind = "step of-" + team.look + (step.stand ? " stand" : "");
    mark(team.marks, map.layerPointToLatLng(step.point), labelOf(step.numbers), kind, words);
  });
}

function placeOf(team) {
  const part = team.parts.find(function (p) { return p.days.includes(now.day); });
  return part && now.quarter ? part.at[now.quarter - 1] : null;
}

function drawPlace(team) {
  team.place.clearLayers();
  const place = placeOf(team);
  if (!place) { return; }
  const label = team.name + " at " + plan.times[now.quarter - 1];
  mark(team.place, turned(place[0]), label, "place of-" + team.look).setZIndexOffset(1000);
}

function shownTeams() {
  return plan.teams.filter(function (team) { return map.hasLayer(groups[team.key]); });
}

function moved(name, by) {
  name.style.marginLeft = by[0] - name.offsetWidth / 2 + "px";
  name.style.marginTop = by[1] - name.offsetHeight / 2 + "px";
}

/* Small squares along a name, since a turned one needs much less room than the box round it. */
function squaresOf(name, origin) {
  const box = name.getBoundingClientRect();
  const x = (box.left + box.right) / 2 - origin.left;
  const y = (box.top + box.bottom) / 2 - origin.top;
  const text = name.firstChild;
  const turn = /rotate\((-?[\d.]+)deg\)/.exec(text.style.transform);
  const angle = turn ? Number(turn[1]) * Math.PI / 180 : 0;
  const high = Math.max(name.offsetHeight, 8);
  const half = Math.max((name.offsetWidth - high) / 2, 0);
  const count = Math.max(Math.ceil(2 * half / high), 1);
  const squares = [];
  for (let i = 0; i <= count; i += 1) {
    const along = -half + 2 * half * i / count;
    squares.push([x + along * Math.cos(angle), y + along * Math.sin(angle), high / 2]);
  }
  return squares;
}

function isFree(squares, taken) {
  return squares.every(function (a) {
    return taken.every(function (b) {
      return Math.abs(a[0] - b[0]) >= a[2] + b[2] || Math.abs(a[1] - b[1]) >= a[2] + b[2];
    });
  });
}

function isInside(squares, box) {
  return squares.every(function (a) {
    return a[0] > a[2] && a[0] < box.width - a[2] && a[1] > a[2] && a[1] < box.height - a[2];
  });
}

/* In order of weight. A name that would lie on another mark steps aside, or waits for more room. */
const ranks = [
  { of: ".place", by: [[0, -24]] },
  { of: ".step", by: [[0, 0]] },
  { of: ".gate", by: [[0, 0]] },
  { of: ".school", by: [[0, 0], [0, 26], [0, -26], [0, 42], [0, -42], [90, 0], [-90, 0],
    [90, 30], [-90, 30], [90, -30], [-90, -30], [0, 64], [0, -64]] },
  { of: ".corridor", by: [[0, 0], [0, 26], [0, -26], [30, 0], [-30, 0]], mayGo: true },
  { of: ".hot-spot", by: [[0, 0], [0, 26], [0, -26], [30, 0], [-30, 0]], mayGo: true },
  { of: ".street-name:not(.minor)", by: [[0, 0]], mayGo: true },
  { of: ".street-name.minor", by: [[0, 0]], mayGo: true },
];

function arrangeNames() {
  const box = map.getContainer();
  const origin = box.getBoundingClientRect();
  const taken = [];
  ranks.forEach(function (rank) {
    Array.from(box.querySelectorAll(".mark" + rank.of)).forEach(function (name) {
      const place = rank.by.find(function (by) {
        moved(name, by);
        const squares = squaresOf(name, origin);
        return isFree(squares, taken) && (!by[0] && !by[1] || isInside(squares, origin));
      });
      if (!place) { moved(name, rank.by[0]); }
      const goes = !place && !!rank.mayGo;
      name.classList.toggle("crowded", goes);
      if (!goes) { taken.push(...squaresOf(name, origin)); }
    });
  });
}

/* Marks are made anew, so the keyboard is put back where it was. */
function arrange() {
  const box = map.getContainer();
  const held = document.activeElement.closest(".mark.step");
  box.classList.toggle("near", map.getZoom() >= 15.5);
  box.classList.toggle("far", map.getZoom() < 14);
  box.style.setProperty("--scale", Math.min(Math.max(1 + 0.25 * (map.getZoom() - 15.5), 0.5), 1.4));
  const taken = [];
  shownTeams().forEach(function (team) {
    drawTeam(team, taken);
    drawPlace(team);
  });
  arrangeNames();
  if (held) {
    const again = Array.from(box.querySelectorAll(".mark.step")).find(function (step) {
      return step.textContent === held.textContent && step.title === held.title;
    });
    if (again) { again.focus({ preventScroll: true }); }
  }
}

/* --- controls -------------------------------------------------------------------------------- */

function byId(id) {
  return document.getElementById(id);
}

function all(selector) {
  return Array.from(document.querySelectorAll(selector));
}

function layerBoxes() {
  return all("#map-tools input[type=checkbox]");
}

function isMeant(box) {
  const days = box.dataset.days;
  return box.checked && (days === undefined || days.split(" ").includes(now.day));
}

/* The legend tells what is on the map, and nothing else. */
function tell() {
  const shown = layerBoxes().filter(isMeant);
  const keys = new Set(shown.map(function (box) { return box.dataset.layer; }));
  all("[data-for]").forEach(function (item) {
    item.hidden = !item.dataset.for.split(" ").some(function (key) { return keys.has(key); });
  });
  const names = shown.map(function (box) { return box.parentElement.textContent.trim(); });
  const day = document.querySelector("#days input:checked");
  byId("map-shown").textContent = "Shown: " + [
    day ? day.parentElement.textContent.trim() : "", whenWords().toLowerCase(),
  ].concat(names).filter(Boolean).join("; ") + ".";
}

function tellTime() {
  const said = shownTeams().map(function (team) {
    const place = placeOf(team);
    return team.name + (place ? " is " + place[1] : " is not walking") + ".";
  });
  const at = now.quarter ? " At " + plan.times[now.quarter - 1] + ": " + said.join(" ") : "";
  byId("time-words").textContent = whenWords() + "." + (said.length ? at : "");
}

function refresh() {
  layerBoxes().forEach(function (box) {
    const group = groups[box.dataset.layer];
    if (isMeant(box)) { group.addTo(map); } else { group.remove(); }
  });
  if (plan.tiles) {
    byId("map-part").classList.toggle("on-tiles", map.hasLayer(groups.tiles));
  }
  arrange();
  tell();
  if (plan.quarters.length) { tellTime(); }
}

function chooseDay(day) {
  now.day = day;
  all("[data-days]").forEach(function (item) {
    const row = item.closest("label") || item;
    row.hidden = !item.dataset.days.split(" ").includes(day);
  });
  const teams = all("#teams label").some(function (row) { return !row.hidden; });
  if (byId("no-team")) { byId("no-team").hidden = teams; }
  map.closePopup();
  refresh();
}

function readyDays() {
  const chosen = document.querySelector("#days input:checked");
  all("#days input").forEach(function (radio) {
    radio.addEventListener("change", function () { chooseDay(radio.value); });
  });
  chooseDay(chosen ? chosen.value : "");
}

function readyTime() {
  if (!plan.quarters.length) { return; }
  const slider = byId("time");
  let isFirst = true;
  function choose() {
    now.quarter = Number(slider.value);
    slider.setAttribute("aria-valuetext", whenWords());
    if (now.quarter && isFirst) { /* the way home is what the slider is for */
      isFirst = false;
      document.querySelector("[data-layer=flow]").checked = true;
    }
    redraws.risk();
    redraws.flow();
    map.closePopup();
    refresh();
  }
  slider.addEventListener("input", choose);
  byId("whole").addEventListener("click", function () { slider.value = 0; choose(); });
  byId("map-time").hidden = false;
}

function streetsNamed(typed) {
  const wanted = typed.trim().toLowerCase();
  const lower = plan.names.map(function (name) { return name.toLowerCase(); });
  const exact = lower.indexOf(wanted);
  if (!wanted || exact >= 0) { return wanted ? [exact] : []; }
  return lower.map(function (name, i) { return name.includes(wanted) ? i : -1; })
    .filter(function (i) { return i >= 0; });
}

function highest(kind, places) {
  return places.reduce(function (a, b) { return bandAt(kind, b) > bandAt(kind, a) ? b : a; });
}

function showStreet(number) {
  const places = [];
  plan.name_of.forEach(function (name, place) { if (name === number) { places.push(place); } });
  if (found) { found.remove(); }
  found = L.featureGroup().addTo(map);
  draw(found, linesOf(places), "found", "found-edge");
  draw(found, linesOf(places), "found", "found");
  map.fitBounds(L.latLngBounds(linesOf(places).flat()), {
    animate: false, padding: [60, 60], maxZoom: 17,
  });
  const corridors = plan.corridors.filter(function (c) {
    return places.some(function (place) { return c.on.includes(place); });
  }).map(function (c) { return c.label; });
  return [
    plan.names[number] + " is marked.",
    "Risk: " + plan.risk_words[bandAt("risk", highest("risk", places))] + ".",
    "Expected: " + plan.flow_words[bandAt("flow", highest("flow", places))] + ".",
    corridors.length ? "Corridor " + corridors.join(", ") + "." : "On no corridor.",
  ].join(" ");
}

function readySearch() {
  const list = byId("street-names");
  plan.names.forEach(function (name) {
    const option = document.createElement("option");
    option.value = name;
    list.appendChild(option);
  });
  byId("find").addEventListener("submit", function (event) {
    event.preventDefault();
    const typed = byId("find-street").value;
    const hits = streetsNamed(typed);
    let said = "No street of that name is on this map.";
    if (!typed.trim()) { said = "Type the name of a street."; }
    if (hits.length === 1) { said = showStreet(hits[0]); }
    if (hits.length > 1) {
      const names = hits.slice(0, 5).map(function (i) { return plan.names[i]; });
      said = "Which one? " + names.join("; ") + (hits.length > 5 ? "; and others." : ".");
    }
    byId("find-words").textContent = said;
  });
}

/* On paper the map takes the size of the page; afterwards it comes back as it was. */
function readyPaper(fit) {
  const box = map.getContainer();
  let before = null;
  window.addEventListener("beforeprint", function () {
    before = { center: map.getCenter(), zoom: map.getZoom() };
    box.classList.add("paper");
    fit();
    arrange();
  });
  window.addEventListener("afterprint", function () {
    box.classList.remove("paper");
    map.invalidateSize({ animate: false, pan: false });
    if (before) { map.setView(before.center, before.zoom, { animate: false }); }
    arrange();
  });
}

function corridorsReady(made) {
  map = made;
  panes.forEach(function (name, i) { map.createPane(name).style.zIndex = 300 + 10 * i; });
  /* A page that is scrolled with the wheel does not stop at the map. */
  map.scrollWheelZoom.disable();
  map.on("focus", function () { map.scrollWheelZoom.enable(); });
  map.on("blur", function () { map.scrollWheelZoom.disable(); });
  function fit() {
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(plan.bounds, { animate: false, padding: [12, 12] });
  }
  byId("map-tools").hidden = false;
  byId("map-part").classList.add("is-live");
  byId("more-layers").open = !window.matchMedia("(max-width: 700px)").matches;
  fit();
  groups.base.addTo(map);
  layerBoxes().forEach(function (box) { box.addEventListener("change", refresh); });
  readySearch();
  readyTime();
  readyDays();
  map.on("zoomend", arrange);
  readyPaper(fit);
}
