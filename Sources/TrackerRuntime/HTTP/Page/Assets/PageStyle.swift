/// How the tracker's pages look.
///
/// Text has a contrast of at least 4.5 to whatever it may stand on, in both schemes; a test holds each colour of text
/// against each background. No colour says anything that is not written beside it.
enum PageStyle {
    static let css = """
        :root{--bg:#f6f7f9;--panel:#ffffff;--text:#171a1f;--quiet:#596273;--line:#e1e5eb;--seed:#0b7269;\
        --leech:#a04d00;--soft:#e3f5f2;--shadow:0 1px 2px #0f172a0d,0 4px 16px #0f172a0a}
        @media(prefers-color-scheme:dark){:root{--bg:#0e1116;--panel:#161b22;--text:#e6e9ef;--quiet:#9aa4b3;\
        --line:#2a323d;--seed:#2dd4bf;--leech:#fbab5c;--soft:#12312e;--shadow:none}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--bg);color:var(--text);\
        font:15px/1.5 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
        main{max-width:1040px;margin:0 auto;padding:32px 20px 40px}
        header{display:flex;align-items:baseline;justify-content:space-between;gap:4px 16px;flex-wrap:wrap}
        h1{font-size:22px;letter-spacing:-.01em;margin:0;font-weight:650}
        h2{font-size:15px;margin:0 0 6px;font-weight:600}
        p{margin:0}
        .dot{display:inline-block;width:10px;height:10px;border-radius:50%;background:var(--seed);margin-right:10px;\
        box-shadow:0 0 0 4px var(--soft)}
        .quiet{color:var(--quiet);font-size:13.5px}
        code{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
        .urls{display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin:16px 0 20px}
        .urls code{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:3px 10px;\
        user-select:all;overflow-wrap:anywhere}
        .cards{display:grid;grid-template-columns:repeat(4,1fr);gap:12px}
        .card,.panel{background:var(--panel);border:1px solid var(--line);border-radius:14px;box-shadow:var(--shadow)}
        .card{padding:16px 18px;display:flex;flex-direction:column}
        .card b{font-size:30px;line-height:1.2;font-weight:650;letter-spacing:-.02em;\
        font-variant-numeric:tabular-nums}
        .card span{color:var(--quiet);font-size:13.5px}
        .card.seed b,td.seed{color:var(--seed)}
        .card.leech b,td.leech{color:var(--leech)}
        .panel{margin-top:12px;padding:18px}
        .traffic{display:grid;grid-template-columns:minmax(210px,260px) 1fr;gap:24px;align-items:end}
        .traffic b{font-variant-numeric:tabular-nums;font-weight:600;white-space:nowrap}
        .traffic b+b{margin-left:10px}
        figure{margin:0;min-width:0}
        figure svg{display:block;width:100%;height:84px;border-bottom:1px solid var(--line)}
        polygon{fill:var(--seed);fill-opacity:.14}
        polyline{fill:none;stroke:var(--seed);stroke-width:1.8;vector-effect:non-scaling-stroke;\
        stroke-linejoin:round}
        figcaption{display:flex;justify-content:space-between;gap:12px;padding-top:4px;font-size:12.5px}
        .table{padding:6px 0 8px}
        table{width:100%;border-collapse:collapse}
        th{font-size:12.5px;font-weight:550;color:var(--quiet);text-align:left;padding:10px 12px;white-space:nowrap}
        td{padding:9px 12px;border-top:1px solid var(--line);vertical-align:middle}
        tbody tr:hover{background:var(--bg)}
        th:first-child,td:first-child{padding-left:18px}
        th:last-child,td:last-child{padding-right:18px}
        td:first-child{width:60%}
        .name{display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical;overflow:hidden;\
        overflow-wrap:anywhere;font-weight:550}
        td code{overflow-wrap:anywhere}
        bdi+code{color:var(--quiet);font-size:12px}
        .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        td.n{font-weight:550}
        td.last,td.zero{font-weight:400}
        td.zero{color:var(--quiet)}
        .unit{display:none}
        td.mix{min-width:90px}
        .bar{display:block;width:100%;height:6px;border-radius:3px;background:var(--leech);overflow:hidden}
        .bar .seed{fill:var(--seed)}
        .bar .gap{fill:var(--panel)}
        .bar.none{background:var(--line)}
        .more{padding:10px 18px 6px;border-top:1px solid var(--line)}
        .empty{text-align:center;padding:44px 18px}
        footer{padding:18px 4px 0}
        a{color:inherit;text-underline-offset:3px}
        @media(max-width:720px){main{padding:20px 14px 28px}.cards{grid-template-columns:repeat(2,1fr)}\
        .traffic{grid-template-columns:1fr}thead,.mix{display:none}\
        tr{display:flex;flex-wrap:wrap;gap:0 12px;padding:10px 16px;border-top:1px solid var(--line)}\
        tbody tr:first-child{border-top:0}\
        td,td:first-child,td:last-child{display:block;border:0;padding:0}td:first-child{width:100%}\
        td code{font-size:12px}td.n{text-align:left;font-size:13px}.unit{display:inline;font-weight:400}}
        """
}
