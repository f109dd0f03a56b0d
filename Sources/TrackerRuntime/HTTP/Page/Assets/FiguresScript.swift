/// Updates the page of figures while it is open. Without it, the page shows the figures of its last reload.
///
/// It replaces only what has changed: scroll position, selection and focus are kept.
enum FiguresScript {
    /// Seconds between two looks.
    static let pause = 5

    static let javaScript = """
        "use strict";
        const note = document.getElementById("note");
        const parts = ["uptime", "figures", "traffic", "torrents"];
        async function look() {
          if (document.hidden || !document.getSelection().isCollapsed) return;
          try {
            const answer = await fetch(location.pathname, { cache: "no-store" });
            if (!answer.ok) throw new Error(answer.status);
            const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
            for (const part of parts) {
              const [old, now] = [document.getElementById(part), fresh.getElementById(part)];
              if (old && now && old.innerHTML !== now.innerHTML) old.replaceWith(document.adoptNode(now));
            }
            document.title = fresh.title;
            note.textContent = "looks again every \(pause) seconds";
          } catch {
            note.textContent = "the tracker does not answer: this is how it was";
          }
        }
        note.textContent = "looks again every \(pause) seconds";
        setInterval(look, \(pause)000);
        document.addEventListener("visibilitychange", look);

        """
}
