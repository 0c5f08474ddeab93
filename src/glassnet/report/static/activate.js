/* Start the scripts of all figures in an element: once for the report, and for each tab of the page. */

const ACTIONS = [
  ["[data-scatter]", (root) => visibilityObserver.observe(root)],
  [".imagegrid > .player", playImageGrid],
  [".curve .plot", showCurveValues],
  [".bar-chart .plot", showBarValues],
  ["table.matrix", showCellValues],
  ["table.matrix[data-confusion]", bindConfusion],
  [".highlighted-words", showWordValues],
  [".chips", (chips) => makeRoving(chips, ".chip")],
  [".track-choice .switches", (switches) => makeRoving(switches, ".switch")],
  ["table.sortable", makeSortable],
  [".scroller", stopWhereItScrolls],
  [".copy", bindCopy],
  [".numbers", bindNumbers],
  [".claim-rows", bindClaims],
  [".figure-menu", bindMenu],
];

function activate(root) {
  for (const [selector, action] of ACTIONS) root.querySelectorAll(selector).forEach(action);
}
