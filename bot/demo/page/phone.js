"use strict";
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const words = document.body.dataset, chat = $("#chat"), field = $("#text"), status = $("#status");
  const answering = $("#answering"), enlarged = $("#enlarged"), guide = $("#guide"), title = document.title;
  let day = "", quote = "", typing = null, unseen = 0, ready = false;

  const post = async (path, values = {}) => {
    const response = await fetch(path, {method: "POST", body: new URLSearchParams(values)});
    if (!response.ok) throw new Error(path + ": " + response.status);
    return response.status === 204 ? {} : response.json();
  };

  // The chat: bubbles come drawn; one that is there already changes its ticks.
  const find = (id) => [...chat.children].find((li) => li.dataset.id === id);
  const near = () => chat.scrollHeight - chat.scrollTop - chat.clientHeight < 160;
  const down = () => { chat.scrollTop = chat.scrollHeight; };
  const place = (li) => chat.insertBefore(li, typing);

  const separate = (name) => {
    if (name === day) return;
    day = name;
    const li = document.createElement("li");
    li.className = "day";
    li.textContent = name;
    place(li);
  };

  const bubble = (m) => {
    const box = document.createElement("template");
    box.innerHTML = m.html;
    const fresh = box.content.firstElementChild, known = find(m.id);
    if (known && !known.classList.contains("pending")) {
      const old = $(".ticks", known), now = $(".ticks", fresh);
      if (old && now) {
        old.className = now.className;
        old.setAttribute("aria-label", now.getAttribute("aria-label"));
      }
      $(".reaction", known).textContent = $(".reaction", fresh).textContent;
      return;
    }
    const stay = near() || m.own || !ready;
    known?.remove();
    separate(m.day);
    place(fresh);
    const picture = $(".shot img", fresh);
    if (picture && stay) picture.addEventListener("load", down, {once: true});
    if (stay) down();
    if (!m.own && ready) notice();
  };

  const notice = () => {
    if (document.visibilityState === "visible") {
      look();
      return;
    }
    unseen++;
    document.title = "(" + unseen + ") " + title;
  };

  let looking = 0;
  const look = () => {
    unseen = 0;
    document.title = title;
    clearTimeout(looking);
    looking = setTimeout(() => post("seen").catch(() => {}), 400);
  };
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") look(); });

  const type = (on) => {
    if (on === Boolean(typing)) return;
    if (!on) {
      typing.remove();
      typing = null;
    } else {
      const stay = near();
      typing = chat.appendChild($("#typing").content.firstElementChild.cloneNode(true));
      if (stay) down();
    }
    status.textContent = on ? words.typing : words.present;
  };

  const source = new EventSource("events?lang=" + encodeURIComponent(words.lang));
  source.addEventListener("bubble", (e) => bubble(JSON.parse(e.data)));
  source.addEventListener("typing", (e) => type(e.data === "true"));
  source.addEventListener("ready", () => { ready = true; status.textContent = words.present; down(); look(); });
  source.addEventListener("error", () => { type(false); status.textContent = words.offline; });

  // Writing: the bubble stands at once, with one tick, until the real one comes.
  const pend = (text) => {
    const li = document.createElement("li"), card = document.createElement("article");
    const body = document.createElement("div"), meta = document.createElement("p"), ticks = document.createElement("span");
    li.className = "bubble own is-text pending";
    card.className = "card";
    body.className = "text";
    body.textContent = text;
    meta.className = "meta";
    ticks.className = "ticks one";
    meta.append(ticks);
    card.append(body, meta);
    li.append(card);
    place(li);
    down();
    return li;
  };

  const say = async (text, about = "") => {
    text = text.trim();
    if (!text) return;
    const li = pend(text);
    try {
      const sent = await post("say", about ? {text, quote: about} : {text});
      if (find(sent.id)) li.remove(); else li.dataset.id = sent.id;
    } catch {
      li.classList.add("unsent");
      li.title = words.unsent;
      li.setAttribute("role", "button");
      li.setAttribute("aria-label", words.unsent);
      li.tabIndex = 0;
      const again = (e) => {
        if (e.type === "keydown" && e.key !== "Enter") return;
        li.remove();
        say(text, about);
      };
      li.addEventListener("click", again, {once: true});
      li.addEventListener("keydown", again);
    }
  };

  const fit = () => {
    field.style.height = "auto";
    field.style.height = Math.min(field.scrollHeight + 2, 132) + "px";
  };

  const cancel = () => {
    quote = "";
    answering.hidden = true;
  };

  $("#composer").addEventListener("submit", (e) => {
    e.preventDefault();
    say(field.value, quote);
    field.value = "";
    cancel();
    fit();
    field.focus();
  });
  field.addEventListener("input", fit);
  field.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) {
      e.preventDefault();
      $("#composer").requestSubmit();
    }
    if (e.key === "Escape") cancel();
  });
  $("button", answering).addEventListener("click", () => { cancel(); field.focus(); });

  const answer = (li) => {
    const text = $(".text", li) || $(".file b", li);
    quote = li.dataset.id;
    $("b", answering).textContent = $("h3", li).textContent;
    $("span", answering).textContent = text ? text.textContent : "";
    answering.hidden = false;
    field.focus();
  };

  const tap = async (button) => {
    const li = button.closest(".bubble");
    button.closest("dialog")?.close();
    button.disabled = true;
    try {
      await post("tap", {message: li.dataset.id, choice: button.dataset.choice});
    } catch {
      status.textContent = words.offline;
    }
    setTimeout(() => { button.disabled = false; }, 1500);
  };

  const enlarge = (img) => {
    const big = $("img", enlarged);
    big.src = img.src;
    big.alt = img.alt;
    enlarged.showModal();
  };

  // A list slides up inside the phone, wherever that is.
  const choose = (sheet) => {
    const box = $(".phone"), at = box.getBoundingClientRect(), rim = box.clientLeft;
    const set = (name, px) => sheet.style.setProperty(name, Math.round(px) + "px");
    set("--left", at.left + rim);
    set("--width", box.clientWidth);
    set("--bottom", innerHeight - at.bottom + rim);
    set("--height", box.clientHeight * 0.82);
    sheet.showModal();
  };

  const open = (on) => {
    guide.classList.toggle("open", on);
    $("#ask").setAttribute("aria-expanded", String(on));
    (on ? $("#back") : $("#ask")).focus();
  };
  $("#ask").addEventListener("click", () => open(true));
  $("#back").addEventListener("click", () => open(false));

  $("#silence")?.addEventListener("submit", async (e) => {
    e.preventDefault();
    await post("silence");
    const li = document.createElement("li");
    li.className = "notice";
    li.textContent = words.silent;
    place(li);
    if (guide.classList.contains("open")) open(false);
    down();
  });

  document.addEventListener("click", (e) => {
    const on = (selector) => e.target.closest(selector);
    const saying = on("[data-say]"), choice = on("[data-choice]");
    if (saying) {
      if (guide.classList.contains("open")) open(false);
      say(saying.dataset.say);
    } else if (choice) tap(choice);
    else if (on(".opener")) choose($("dialog", on(".bubble")));
    else if (on(".answer")) answer(on(".bubble"));
    else if (on(".shot")) enlarge($("img", on(".shot")));
    else if (e.target.matches("dialog") || on("#enlarged img")) e.target.closest("dialog").close();
  });
  document.addEventListener("keydown", (e) => {
    if (e.key === "Escape" && guide.classList.contains("open")) open(false);
  });
  if (matchMedia("(hover: hover)").matches) field.focus();
})();
