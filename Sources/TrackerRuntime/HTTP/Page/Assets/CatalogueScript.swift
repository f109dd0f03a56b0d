import TorrentCore

/// What the script of the list and that of a torrent's page have in common: how things are said, asked and copied.
///
/// Whatever strangers have named reaches the page as the text of a node and in no other way; the pages' policy (Trusted
/// Types) has the browser refuse any other.
enum CatalogueScript {
    /// Seconds between two looks.
    static let pause = 5
    /// Seconds after which an answer is not waited for any more.
    static let patience = 10

    static let javaScript = (common + listScript + pageScript)
        .replacing("PAUSE", with: "\(pause)").replacing("PATIENCE", with: "\(patience)000")
        .replacing("MOSTWORDS", with: "\(CatalogueQuery.mostWords)")

    private static let common = #"""
        "use strict";
        const page = document.documentElement.dataset;
        const home = new URL(page.root || "./", location.href);
        const skew = Number(page.now) - Date.now() / 1000;
        const byID = (id) => document.getElementById(id);
        const hash = /^[0-9a-f]{40}$/;

        // As PageText has it.
        function shown(name, limit = 200) {
          const text = String(name).slice(0, 4 * limit)
            .replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, " ");
          if (!text.trim()) return "(no name)";
          const letters = Array.from(text);
          return letters.length > limit ? letters.slice(0, limit).join("") + "…" : text;
        }
        const grouped = (number) => Number(number).toLocaleString("en-US");
        const counted = (number, unit) => grouped(number) + " " + unit + (number === 1 ? "" : "s");
        function bytes(number) {
          const units = ["B", "KiB", "MiB", "GiB", "TiB"];
          let [value, unit] = [number, 0];
          while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
          if (unit === 0) return value + " B";
          return (value < 100 ? value.toFixed(1) : grouped(Math.floor(value))) + " " + units[unit];
        }
        function age(added) {
          const seconds = Date.now() / 1000 + skew - added;
          if (seconds < 60) return "just now";
          if (seconds < 3600) return Math.floor(seconds / 60) + " min";
          if (seconds < 86400) return Math.floor(seconds / 3600) + " h";
          if (seconds < 63072000) return Math.floor(seconds / 86400) + " d";
          return Math.floor(seconds / 31536000) + " years";
        }

        function isolated(name, limit) {
          const node = document.createElement("bdi");
          node.textContent = shown(name, limit);
          return node;
        }
        // Nothing is touched that stays as it is: who reads or selects is not disturbed. True if it changed.
        function put(node, ...parts) {
          const text = parts.map((part) => part.textContent ?? part).join("");
          if (!node || node.textContent === text) return false;
          node.replaceChildren(...parts);
          return true;
        }
        function hide(node, isHidden) { if (node && node.hidden !== isHidden) node.hidden = isHidden; }
        function flash(node) {
          node.classList.remove("changed");
          void node.offsetWidth;
          node.classList.add("changed");
        }
        function listed(names, limit) {
          return names.slice(0, limit).flatMap((name, place) => [place ? ", " : "", isolated(name, 64)]);
        }

        let answered = new Date();
        async function ask(path) {
          try {
            const answer = await fetch(new URL(path, home), {
              cache: "no-store", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE),
            });
            const text = await answer.text();
            if (!answer.ok && answer.status !== 404) throw new Error(answer.status);
            answered = new Date();
            put(byID("trouble"), "");
            return answer.ok ? text : null;
          } catch {
            put(byID("trouble"), "The tracker does not answer. This is how it was at "
              + answered.toLocaleTimeString() + "; it is asked again every PAUSE seconds.");
            return undefined;
          }
        }
        function keepLooking(look) {
          setInterval(() => { if (!document.hidden) look(); }, PAUSE000);
          document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
          window.addEventListener("pageshow", (event) => { if (event.persisted) look(); });
        }

        // Pages that came without TLS may not write to the clipboard in the new way.
        async function copied(text) {
          try {
            await navigator.clipboard.writeText(text);
            return true;
          } catch {
            const [field, focused] = [document.createElement("textarea"), document.activeElement];
            field.value = text;
            field.className = "hidden";
            document.body.append(field);
            field.select();
            const isDone = document.execCommand("copy");
            field.remove();
            focused?.focus();
            return isDone;
          }
        }
        document.addEventListener("click", async (event) => {
          const button = event.target.closest("button.copy");
          if (!button || button.dataset.words) return;
          const words = button.firstChild;
          button.dataset.words = words.textContent;
          words.textContent = await copied(button.dataset.copy) ? "Copied" : "Not copied";
          put(byID("said"), words.textContent);
          setTimeout(() => {
            words.textContent = button.dataset.words;
            delete button.dataset.words;
            put(byID("said"), "");
          }, 1500);
        });
        for (const button of document.querySelectorAll("button.copy")) button.hidden = false;
        byID("row")?.content.querySelectorAll("button.copy").forEach((button) => { button.hidden = false; });


        """#
}
