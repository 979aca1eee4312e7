// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ReportHtml.h"

const llvm::StringLiteral
    mixc::kReportStyle(R"(:root { color-scheme: light dark; --page: #ffffff; --text: #1c2128; --quiet: #57606a; --line: #d0d7de;
  --band: #f3f5f8; --a: #0b5cad; --b: #a34700; --c: #187337; --d: #7a3fb0; --mark: #fff3c4; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14181d; --text: #e3e8ee; --quiet: #9aa5b1; --line: #39424d; --band: #1d232a; --a: #6cb2ff; --b: #ffa45c;
    --c: #62d08a; --d: #c9a0ff; --mark: #4a3f12; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1.25rem 4rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.3rem; margin: 3rem 0 .5rem; padding-top: 1rem; border-top: 2px solid var(--line); }
h3 { font-size: 1.05rem; margin: 2rem 0 .25rem; }
p { margin: .4rem 0; max-width: 48rem; }
a { color: var(--a); }
figcaption { color: var(--quiet); font-size: .9rem; }
.verdict { background: var(--band); border-left: 4px solid var(--a); padding: .6rem 1rem; }
.verdict p { margin: .15rem 0; }
.verdict p:first-child { font-weight: 600; }
figure { margin: .5rem 0 1rem; overflow-x: auto; }
svg { display: block; width: 100%; height: auto; max-width: 48rem; min-width: 34rem; }
svg text { font: 12px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: var(--text); }
svg .quiet { fill: var(--quiet); }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .frame { fill: none; stroke: var(--quiet); }
svg .roof { fill: none; stroke: var(--quiet); stroke-width: 2; }
svg .cross { stroke: var(--quiet); stroke-width: 1; stroke-dasharray: 3 3; }
svg .here { stroke: var(--text); stroke-width: 1; }
svg .disc { fill: var(--page); stroke: var(--quiet); }
svg .series { fill: none; stroke-width: 2; }
svg .s0 { stroke: var(--a); } svg .s1 { stroke: var(--b); stroke-dasharray: 8 4; } svg .s2 { stroke: var(--c); stroke-dasharray: 2 4; }
svg .m0 { fill: var(--a); } svg .m1 { fill: var(--b); } svg .m2 { fill: var(--c); }
svg .measured { fill: none; stroke-width: 2; stroke-dasharray: none; }
svg .bar { fill: var(--a); } svg .part { fill: var(--c); } svg .hidden { fill: var(--line); } svg .extra { fill: var(--b); }
.scroll { overflow-x: auto; margin: .5rem 0; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--quiet); padding-bottom: .25rem; white-space: nowrap; }
th, td { text-align: right; padding: .2rem .7rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
thead th { vertical-align: bottom; }
th[scope="row"], th.text, td.text { text-align: left; }
th[scope="row"] { font-weight: 500; }
tr.chosen { background: var(--mark); }
tr.sub th { padding-left: 2rem; }
summary { cursor: pointer; color: var(--a); }
)");
