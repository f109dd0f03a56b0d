extension CatalogueScript {
    /// Searches, sorts and turns pages in place, and keeps the numbers up to date.
    static let listScript = #"""
        function origin(count, from) {
          if (!count) return ["nobody has all of it at this moment"];
          if (!from.length) return [""];
          const rest = Math.max(count, from.length) - Math.min(from.length, 4);
          return ["from ", ...listed(from, 4), rest > 0 ? " and " + grouped(rest) + " more" : ""];
        }
        function fill(row, entry) {
          const field = (name) => row.querySelector(`[data-field="${name}"]`);
          const isNew = row.dataset.key !== entry.infohash;
          const get = "p2p-peer get " + (home.origin + home.pathname).replace(/\/$/, "") + " " + entry.number;
          row.dataset.key = entry.infohash;
          put(field("number"), String(entry.number));
          put(field("name"), isolated(entry.name));
          put(field("private"), entry.private ? "private" : "");
          put(field("from"), ...origin(entry.seeders, entry.seeds));
          field("name").href = new URL("torrents/" + entry.infohash, home);
          field("torrent").href = new URL("torrents/" + entry.infohash + ".torrent", home);
          if (/^magnet:\?[!-~]+$/.test(entry.magnet)) field("magnet").href = entry.magnet;
          field("get").dataset.copy = field("get").title = get;
          const numbers = {
            size: bytes(entry.length), files: grouped(entry.files), seeders: grouped(entry.seeders),
            leechers: grouped(entry.leechers), downloads: grouped(entry.downloads), age: age(entry.added),
          };
          for (const [name, text] of Object.entries(numbers)) {
            const isOther = put(field(name), text);
            field(name).parentElement.classList.toggle("zero", text === "0");
            if (isOther && !isNew && name !== "age") flash(field(name));
          }
          return row;
        }

        if (page.place === "list") {
          const [form, body] = [byID("find"), byID("rows")];
          const usual = { q: "", sort: "number", offset: 0, limit: 50 };
          const heads = [...document.querySelectorAll("th[data-first]")];
          let state = usual, turn = 0, last = "", typing;

          function read(search) {
            const given = new URLSearchParams(search);
            const number = (name) => Math.max(0, parseInt(given.getAll(name).at(-1), 10)) || usual[name];
            const orders = [...byID("order").options].map((option) => option.value);
            return {
              q: given.getAll("q").at(-1) ?? "",
              sort: orders.find((order) => order === given.getAll("sort").at(-1)) ?? usual.sort,
              offset: number("offset"), limit: Math.min(number("limit"), 100),
            };
          }
          function address(change) {
            const given = new URLSearchParams();
            for (const [name, value] of Object.entries({ ...state, ...change })) {
              if (value !== usual[name]) given.set(name, value);
            }
            return given.size ? "?" + given : location.pathname;
          }
          // Who points at a row, stands on it or selects in it keeps it where it is.
          function isBusy() {
            const selection = document.getSelection();
            return body.matches(":hover") || body.contains(document.activeElement)
              || !selection.isCollapsed && body.contains(selection.anchorNode);
          }
          function show(listing, isAsked) {
            const entries = listing.torrents.filter((entry) => hash.test(entry.infohash));
            const present = new Map([...body.children].map((row) => [row.dataset.key, row]));
            const isSame = entries.map((entry) => entry.infohash).join() === [...present.keys()].join();
            const stays = !isSame && !isAsked && isBusy();
            const wanted = entries.filter((entry) => !stays || present.has(entry.infohash)).map((entry) =>
              fill(present.get(entry.infohash) ?? byID("row").content.firstElementChild.cloneNode(true), entry));
            if (!isSame && !stays) body.replaceChildren(...wanted);
            hide(byID("fresh"), !stays);
            frame(listing, entries.length);
          }
          function frame(listing, count) {
            const [all, end] = [counted(listing.total, "torrent"), state.offset + count];
            const isEmpty = !listing.total && !state.q;
            put(byID("count"), listing.total > count
              ? grouped(state.offset + 1) + " to " + grouped(end) + " of " + all : all);
            document.title = all + " · p2p-tracker";
            hide(byID("list"), !count);
            hide(byID("nothing"), count > 0 || isEmpty);
            for (const part of ["find", "how"]) hide(byID(part), isEmpty);
            hide(byID("empty"), !isEmpty);
            const other = state.limit === 50 ? 100 : 50;
            const pages = {
              back: state.offset > 0 && address({ offset: Math.max(0, state.offset - state.limit) }),
              next: end < listing.total && address({ offset: end }),
              more: listing.total > 50 && address({ limit: other }),
            };
            put(byID("more"), "Show " + other + " at a time");
            for (const [id, target] of Object.entries(pages)) {
              const link = byID(id);
              if (target) link.href = target;
              if (!target && link === document.activeElement) byID(id === "back" ? "next" : "back").focus();
              hide(link, !target);
            }
            for (const head of heads) {
              const { first, other, falls } = head.dataset;
              const isFirst = state.sort === first;
              if (!isFirst && state.sort !== other) head.removeAttribute("aria-sort");
              else head.setAttribute("aria-sort", isFirst === (falls === "yes") ? "descending" : "ascending");
              head.firstElementChild.value = isFirst ? other : first;
            }
            byID("order").value = state.sort;
          }
          async function look(isAsked = false) {
            const mine = ++turn;
            const words = state.q.split(" ").filter((word) => word).slice(0, MOSTWORDS).join(" ");
            const text = await ask("torrents?" + new URLSearchParams({ ...state, q: words }));
            if (mine !== turn || !text || text === last && !isAsked) return;
            const listing = JSON.parse(text);
            if (!listing.torrents.length && listing.total > 0 && state.offset > 0) {
              state = { ...state, offset: Math.floor((listing.total - 1) / state.limit) * state.limit };
              return look(true);
            }
            show(listing, isAsked);
            last = byID("fresh").hidden ? text : "";
          }
          function go(change, way = "pushState") {
            const target = address(change);
            state = { ...state, ...change };
            history[way](null, "", target);
            return look(true);
          }

          form.addEventListener("submit", (event) => {
            event.preventDefault();
            clearTimeout(typing);
            go({ q: form.elements.q.value, sort: event.submitter?.value || byID("order").value, offset: 0 });
          });
          byID("order").addEventListener("change", () => go({ sort: byID("order").value, offset: 0 }));
          form.elements.q.addEventListener("input", () => {
            clearTimeout(typing);
            typing = setTimeout(() => go({ q: form.elements.q.value, offset: 0 }, "replaceState"), 250);
          });
          document.addEventListener("click", async (event) => {
            const link = event.target.closest(".pages a, #nothing a");
            if (event.target.closest("#fresh")) return look(true);
            if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
            event.preventDefault();
            const wanted = read(new URL(link.href).search);
            form.elements.q.value = wanted.q;
            await go(wanted);
            if (wanted.offset) byID("list").scrollIntoView();
          });
          window.addEventListener("popstate", () => {
            state = read(location.search);
            form.elements.q.value = state.q;
            look(true);
          });
          state = read(location.search);
          keepLooking(() => look());
        }


        """#

    /// Keeps the numbers and names of a torrent's own page up to date.
    static let pageScript = #"""
        function everybody(names, count) {
          const rest = count - names.length;
          if (!count) return ["nobody at this moment"];
          if (rest <= 0) return listed(names, names.length);
          const others = names.length ? " and " + counted(rest, "other") : counted(rest, "peer");
          return [...listed(names, names.length), others];
        }

        if (page.place === "torrent") {
          const key = document.querySelector("main").dataset.key;
          keepLooking(async () => {
            const text = await ask("torrents/" + key + ".json");
            if (text === null) put(byID("trouble"), "This torrent has been taken off the list.");
            if (!text) return;
            const entry = JSON.parse(text);
            for (const name of ["seeders", "leechers", "downloads"]) {
              if (put(byID(name), grouped(entry[name]))) flash(byID(name));
            }
            put(byID("seeds"), ...everybody(entry.seeds, entry.seeders));
            put(byID("others"), ...everybody(entry.others, entry.leechers));
          });
        }

        """#
}
