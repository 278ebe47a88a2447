/** How a report looks: on a screen in light and dark, and on paper. Part of its layout: another style is another number. */
export const REPORT_STYLE = `
:root{color-scheme:light dark;--ground:#f4f5f7;--card:#fff;--sunk:#eceef2;--text:#151a21;--quiet:#566170;--line:#d9dee5;--accent:#3949c8;
--good:#0b6e4c;--bad:#bd2620;--warn:#7d5200;--none:#6b7684;--bad-ground:#fdeae8;--warn-ground:#fdf3dc;--good-ground:#e3f4ec;
--mono:ui-monospace,"SF Mono","Cascadia Code",Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media screen and (prefers-color-scheme:dark){:root{--ground:#0d1015;--card:#151a21;--sunk:#1c222b;--text:#e7ecf2;--quiet:#9aa5b3;--line:#2b333e;
--accent:#97a5ff;--good:#4cc795;--bad:#ff7b72;--warn:#e8b04b;--none:#8b96a3;--bad-ground:#331716;--warn-ground:#2e2412;--good-ground:#10291f}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1120px;margin:0 auto;padding:32px 24px 64px}
h1,h2,h3,p,dl,dd,ul,ol,figure{margin:0;padding:0}
h1{font-size:34px;line-height:1.15;font-weight:680;letter-spacing:-.02em}
h2{font-size:20px;line-height:1.3;font-weight:650;letter-spacing:-.01em;margin-bottom:4px}
header,section{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:24px;margin-bottom:16px}
section>p{max-width:80ch;overflow-wrap:anywhere}
.quiet,.hint{color:var(--quiet)}
.hint{font-size:12.5px}
.brow{color:var(--accent);font-weight:650;font-size:12.5px;letter-spacing:.06em;text-transform:uppercase;margin-bottom:8px}
.verdict{display:inline-block;border-radius:6px;padding:8px 16px;margin:24px 0;font-weight:650;font-size:16px}
.verdict.good{color:var(--good);background:var(--good-ground)}.verdict.bad{color:var(--bad);background:var(--bad-ground)}.verdict.warn{color:var(--warn);background:var(--warn-ground)}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:4px 24px}
.facts dt{color:var(--quiet)}
.facts dd{overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(120px,1fr));gap:8px;list-style:none;margin:8px 0 16px}
.tiles li{background:var(--sunk);border-radius:8px;padding:16px}
.tiles b{display:block;font-size:28px;line-height:1.15;font-weight:680;letter-spacing:-.02em}
.tiles span{color:var(--quiet);font-size:12.5px}
.good b,b.good,td.good{color:var(--good)}.bad b,b.bad,td.bad{color:var(--bad)}.warn b,b.warn,td.warn{color:var(--warn)}
.scroll{overflow-x:auto;margin-top:16px}
table{border-collapse:collapse;width:100%;font-size:13px}
caption{text-align:left;color:var(--quiet);font-size:12.5px;padding-bottom:8px}
th,td{text-align:left;vertical-align:top;padding:8px 14px 8px 0;border-bottom:1px solid var(--line)}
th{color:var(--quiet);font-weight:500;font-size:12.5px;white-space:nowrap}
th.n,td.n{text-align:right}
td:last-child,th:last-child{padding-right:0}
tbody th{color:var(--text);font-weight:600;font-size:13px;white-space:normal;overflow-wrap:anywhere;min-width:14ch}
td.nowrap,td code{white-space:nowrap}
td.wide{overflow-wrap:anywhere;min-width:30ch}
td,dd,li,code{unicode-bidi:isolate}
code{font:.88em/1.5 var(--mono);overflow-wrap:anywhere}
pre{font:12.5px/1.6 var(--mono);background:var(--sunk);border-radius:8px;padding:16px;margin:16px 0 0;white-space:pre-wrap;overflow-wrap:anywhere}
.bar{display:block;width:132px;height:8px;margin-top:8px}
.bar .proven{fill:var(--good)}.bar .deviating{fill:var(--warn)}.bar .failed{fill:var(--bad)}.bar .unknown{fill:var(--none)}.bar .rest{fill:var(--line)}
.tag{display:inline-block;border:1px solid currentColor;border-radius:4px;padding:0 6px;font-size:12px;white-space:nowrap}
.tag.bad{color:var(--bad)}.tag.warn{color:var(--warn)}.tag.none{color:var(--quiet)}
ol.belief{padding-left:24px;max-width:80ch}
ol.belief li{margin-top:12px;padding-left:4px;overflow-wrap:anywhere}
ul.plain{list-style:none;margin-top:8px}
ul.plain li{margin-top:8px;padding-left:24px;position:relative;max-width:80ch;overflow-wrap:anywhere}
ul.plain li::before{position:absolute;left:0;font-weight:700}
ul.plain li.yes::before{content:"\\2713";color:var(--good)}
ul.plain li.no::before{content:"!";color:var(--warn);left:5px}
footer{color:var(--quiet);font-size:12.5px;padding:8px 0}
@media (max-width:560px){main{padding:16px 8px 32px}header,section{padding:16px}h1{font-size:26px}.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:8px}}
@page{size:A4;margin:16mm 14mm 18mm;@bottom-left{content:"Countersign audit pack";font:8pt sans-serif;color:#566170}@bottom-right{content:counter(page) " / " counter(pages);font:8pt sans-serif;color:#566170}}
@media print{body{background:#fff;font-size:10pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{max-width:none;padding:0}
header,section{border:0;border-radius:0;padding:0;margin:0 0 9mm}
header{min-height:210mm;break-after:page}
h1{font-size:30pt;margin-top:28mm}
h2{break-after:avoid}
table{font-size:8.5pt}
th,.hint,.tiles span,caption{font-size:8pt}
tbody th{font-size:8.5pt;min-width:11ch}
.tiles{grid-template-columns:repeat(6,1fr);gap:2mm}
.tiles li{padding:3mm}
td.wide{min-width:0}
td code{white-space:normal}
tr,.tiles li,ol.belief li,ul.plain li,pre{break-inside:avoid}
thead{display:table-header-group}
th,td{padding:2mm 2.5mm 2mm 0}
.scroll{overflow:visible}
.tiles b{font-size:20pt}}
`
