// The look of the pages: one style sheet, in light and dark.
#pragma once

#include <string_view>

namespace mosaic::http {

inline constexpr std::string_view kPageStyle = R"css(
:root { --ink:#1d2330; --soft:#5b6475; --line:#e2e6ee; --paper:#fff; --tint:#f6f7fa; --accent:#3557d6;
        --get:#1a7f4b; --post:#3557d6; --put:#a15c00; --patch:#7a4bbf; --delete:#bf2c3a; }
@media (prefers-color-scheme: dark) {
  :root { --ink:#e4e8f1; --soft:#98a2b5; --line:#2b3242; --paper:#12151d; --tint:#191e29; --accent:#8fa6ff;
          --get:#4cc38a; --post:#8fa6ff; --put:#e0a458; --patch:#c09bf5; --delete:#f2767f; }
}
* { box-sizing:border-box }
html { scroll-behavior:smooth }
body { margin:0; color:var(--ink); background:var(--paper); font:16px/1.55 system-ui,sans-serif }
a { color:var(--accent); text-decoration:none } a:hover { text-decoration:underline }
code,pre { font:13.5px/1.5 ui-monospace,"DejaVu Sans Mono",monospace }
.page { display:grid; grid-template-columns:17rem minmax(0,1fr); max-width:78rem; margin:0 auto }
nav { position:sticky; top:0; height:100vh; overflow:auto; padding:2rem 1.25rem; border-right:1px solid var(--line); font-size:14px }
nav strong { display:block; margin:1.1rem 0 .3rem; color:var(--soft); font-size:12px; letter-spacing:.06em; text-transform:uppercase }
nav a { display:block; padding:.14rem 0; color:var(--ink); overflow-wrap:anywhere }
main { padding:2rem 2.5rem 5rem }
h1 { margin:0 0 .3rem; font-size:1.9rem } h2 { margin:3rem 0 .5rem; font-size:1.35rem }
h3 { margin:0; font-size:1rem; font-weight:600 }
.soft { color:var(--soft) }
.card { margin:1rem 0; padding:1rem 1.2rem; border:1px solid var(--line); border-radius:10px; background:var(--tint) }
.card h4 { margin:1rem 0 .2rem; font-size:13px; color:var(--soft); font-weight:600 }
.call { display:flex; gap:.7rem; align-items:baseline; flex-wrap:wrap; margin-bottom:.3rem }
.call code { font-size:14.5px; overflow-wrap:anywhere }
.verb { min-width:4.2rem; font:600 12.5px ui-monospace,monospace; letter-spacing:.03em }
.GET { color:var(--get) } .POST { color:var(--post) } .PUT { color:var(--put) } .PATCH { color:var(--patch) } .DELETE { color:var(--delete) }
table { width:100%; border-collapse:collapse; font-size:14.5px }
td { padding:.35rem .8rem .35rem 0; border-top:1px solid var(--line); vertical-align:top } tr:first-child td { border-top:0 }
td:first-child { white-space:nowrap; width:1% }
pre { margin:.4rem 0 0; padding:.7rem .9rem; overflow:auto; border:1px solid var(--line); border-radius:8px; background:var(--paper) }
.home { max-width:38rem; margin:14vh auto 0; padding:0 1.5rem }
.home ul { list-style:none; padding:0 } .home li { margin:.7rem 0 }
@media (max-width:52rem) { .page { display:block } nav { position:static; height:auto; border:0; border-bottom:1px solid var(--line) } main { padding:1.5rem } td:first-child { white-space:normal } }
)css";

}  // namespace mosaic::http
