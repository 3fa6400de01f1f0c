/* Names reach the page as text, never as markup: no innerHTML here. */
function corridorsWords(lines) {
  const box = document.createElement("div");
  lines.forEach(function (line, i) {
    const part = document.createElement(i === 0 ? "strong" : "span");
    part.textContent = line;
    box.appendChild(part);
  });
  return box;
}

function corridorsMark(feature, latlng) {
  const p = feature.properties;
  if (p.label === undefined) {
    return L.circleMarker(latlng, p.style);
  }
  const text = document.createElement("span");
  text.textContent = p.label;
  if (p.turn) {
    text.style.transform = "translate(-50%, -50%) rotate(" + Number(p.turn) + "deg)";
  }
  const open = Boolean(p.lines);
  return L.marker(latlng, {
    icon: L.divIcon({ className: "mark " + p.kind, html: text, iconSize: [0, 0] }),
    interactive: open,
    keyboard: open,
    alt: open ? p.lines.join(", ") : "",
    title: open ? p.lines[0] : "",
  });
}

const corridorsData = JSON.parse(document.getElementById("map-data").textContent);

function corridorsAdd(group, position) {
  L.geoJSON(corridorsData[position], {
    style: function (feature) { return feature.properties.style; },
    pointToLayer: corridorsMark,
    onEachFeature: function (feature, layer) {
      if (feature.properties.lines) {
        layer.bindPopup(corridorsWords(feature.properties.lines));
      }
    },
  }).addTo(group);
}

L.Control.Layers.addInitHook(function () {
  this.options.collapsed = window.matchMedia("(max-width: 700px)").matches;
});

function corridorsReady(map, bounds) {
  const box = map.getContainer();
  function fit() {
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(bounds, { animate: false, padding: [12, 12] });
  }
  function near() {
    box.classList.toggle("near", map.getZoom() >= 15.5);
    box.classList.toggle("far", map.getZoom() < 14);
  }
  map.on("zoomend", near);
  fit();
  near();
  /* On paper the map takes the size of the page; afterwards it comes back as it was. */
  let before = null;
  window.addEventListener("beforeprint", function () {
    before = { center: map.getCenter(), zoom: map.getZoom() };
    box.classList.add("paper");
    fit();
  });
  window.addEventListener("afterprint", function () {
    box.classList.remove("paper");
    map.invalidateSize({ animate: false, pan: false });
    if (before) { map.setView(before.center, before.zoom, { animate: false }); }
  });
}
