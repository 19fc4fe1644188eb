// Plots are drawn when they come near the screen, and all of them before the page is printed.

const fit = (node) => Plotly.relayout(node, { autosize: true }); // at once; Plotly.Plots.resize waits

// `begun` and `drawn` are the nodes that `begin` was called with, and those that are finished.
function drawNear(begin, begun, drawn) {
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries)
        if (isIntersecting) {
          near.unobserve(target);
          begin(target);
        }
    },
    { rootMargin: "600px" },
  );
  const canvases = document.querySelectorAll(".canvas");
  for (const node of canvases) near.observe(node);
  addEventListener("beforeprint", () => {
    near.disconnect(); // paper cannot be scrolled
    document.documentElement.dataset.printed = "";
    for (const node of canvases) if (begun.has(node)) fit(node); else begin(node);
  });
  addEventListener("afterprint", () => {
    delete document.documentElement.dataset.printed;
    drawn.forEach(fit);
  });
}
