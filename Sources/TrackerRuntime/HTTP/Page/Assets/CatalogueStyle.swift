/// How the list of torrents and their own pages look, beside what all pages have of `PageStyle`.
enum CatalogueStyle {
    static let css = """
        .hidden{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);\
        white-space:nowrap;border:0;padding:0}
        [hidden]{display:none!important}
        .top{max-width:1240px;margin:0 auto;padding:20px 20px 0;align-items:center}
        .top+main{max-width:1240px;padding-top:20px}
        .brand{font-weight:650;letter-spacing:-.01em}
        nav a{display:inline-block;padding:6px 12px;border-radius:8px;text-decoration:none;color:var(--quiet)}
        nav a:hover{color:var(--text)}
        nav a[aria-current]{color:var(--text);background:var(--panel);box-shadow:0 0 0 1px var(--line)}
        .top+main h1{font-size:26px;letter-spacing:-.02em;overflow-wrap:anywhere;line-height:1.25}
        a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible{outline:2px solid var(--seed);\
        outline-offset:2px}
        #find{display:flex;gap:10px;margin:16px 0 12px}
        .words{flex:1;min-width:0}
        input,select,button,.button{font:inherit;color:var(--text);background:var(--panel);\
        border:1px solid var(--line);border-radius:10px;min-height:40px}
        input{width:100%;padding:8px 14px}
        input::placeholder{color:var(--quiet);opacity:1}
        select{padding:6px 10px;max-width:100%}
        .orders{display:none}
        button,.button{display:inline-flex;align-items:center;justify-content:center;padding:6px 14px;cursor:pointer;\
        text-decoration:none;white-space:nowrap}
        button:hover,.button:hover{border-color:var(--quiet)}
        .strong{border-color:var(--seed);color:var(--seed);font-weight:600}
        .table .ways{text-align:right;white-space:nowrap;width:1%}
        .ways .button{min-height:32px;padding:2px 10px;font-size:13px;border-radius:8px;margin-left:6px}
        .table thead button{all:unset;cursor:pointer;font:inherit;color:inherit;border-radius:4px;padding:2px 4px;\
        margin:-2px -4px}
        .table thead button:hover{color:var(--text)}
        .table thead button:focus-visible{outline:2px solid var(--seed)}
        th[aria-sort]{color:var(--text)}
        th[aria-sort=ascending] button::after{content:" \\2191"}
        th[aria-sort=descending] button::after{content:" \\2193"}
        tbody th{font-size:15px;font-weight:400;color:var(--text);white-space:normal;border-top:1px solid var(--line);\
        padding:9px 12px;width:50%}
        tbody td{width:auto}
        .table td.number{width:1%;padding-right:4px;color:var(--quiet);font-weight:400}
        .table td.zero{color:var(--quiet);font-weight:400}
        tbody th .name{text-decoration:none;color:var(--text)}
        tbody th .name:hover{text-decoration:underline}
        .from{color:var(--quiet);font-size:13px;overflow-wrap:anywhere}
        .mark{font-size:12px;color:var(--quiet);border:1px solid var(--line);border-radius:6px;padding:1px 6px;\
        margin-right:6px}
        .mark:empty{display:none}
        td.size,td.files,td.age,td.downloads{font-weight:400}
        td.seeders{color:var(--seed)}
        td.leechers{color:var(--leech)}
        .changed{animation:changed 1.6s ease-out}
        @keyframes changed{from{box-shadow:0 0 0 6px var(--soft);background:var(--soft);border-radius:2px}}
        .pages{display:flex;align-items:center;gap:8px;padding:12px 18px 8px;border-top:1px solid var(--line)}
        .pages p{margin-right:auto}
        .pages a.button{padding:4px 14px;min-height:36px;color:var(--text)}
        .fresh{text-align:center}
        .fresh button{margin:10px}
        .how{padding:20px 4px 0}
        .how p,.panel>p{margin:6px 0}
        .command{display:flex;gap:8px;align-items:center;flex-wrap:wrap}
        .command code{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:8px 14px;\
        user-select:all;overflow-wrap:anywhere;min-width:0}
        .panel .command code{background:var(--bg)}
        .command button{min-height:36px;padding:4px 12px;font-size:13px}
        .empty .command{justify-content:center}
        .empty p{margin:8px 0}
        .trouble{border:1px solid var(--leech);color:var(--leech);border-radius:10px;padding:10px 14px;margin:12px 0}
        .trouble:empty{display:none}
        .row{display:flex;gap:8px;flex-wrap:wrap}
        .cards.three{grid-template-columns:repeat(3,1fr);margin:8px 0 14px}
        .panel .card{box-shadow:none;background:var(--bg);padding:12px 16px}
        .panel .card b{font-size:24px}
        .facts{display:grid;grid-template-columns:max-content 1fr;gap:6px 20px;margin:0}
        dt{color:var(--quiet)}
        dd{margin:0;min-width:0;overflow-wrap:anywhere}
        .tree{list-style:none;margin:0;padding:0}
        .tree li{display:flex;justify-content:space-between;gap:16px;padding:5px 0;border-top:1px solid var(--line);\
        overflow-wrap:anywhere}
        .tree li:first-child{border-top:0}
        .tree .folder{font-weight:600;padding-top:12px}
        .tree .within{padding-left:18px}
        @media(max-width:1000px){.table thead{display:none}.orders{display:flex;align-items:center;gap:8px;\
        white-space:nowrap}
        .table tr{display:flex;flex-wrap:wrap;gap:2px 16px;padding:14px 18px;border-top:1px solid var(--line)}
        .table tbody tr:first-child{border-top:0}
        .table td,.table td.number,.table tbody th{display:block;border:0;padding:0;width:auto}
        .table tbody th{flex:1 0 100%;order:-1}
        .table td.n{text-align:left;font-size:13px}
        .table .unit{display:inline;font-weight:400;color:var(--quiet)}
        .table td.ways{width:100%;display:flex;gap:8px;margin-top:10px}
        .ways .button{flex:1;margin:0;min-height:40px}}
        @media(max-width:720px){.top{padding:14px 14px 0}#find{flex-wrap:wrap}.words{flex:1 0 100%}\
        .orders{flex:1;min-width:0}.orders select{flex:1;min-width:0}.pages{flex-wrap:wrap}\
        .pages p{flex:1 0 100%}.pages a{flex:1}.row .button{flex:1 0 auto}\
        .cards.three{gap:8px}.panel .card{padding:10px 12px}}
        @media(prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}

        """
}
