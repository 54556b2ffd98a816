// Opens a page in a browser without a window, lets a script use it as a reader would, and brings back what the script
// returns.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/command.hpp"
#include "tests/support/temporary_folder.hpp"

namespace support {

/// The command of a Chromium: $MUSEGAN_BROWSER, or what is installed; "" where none is.
inline std::string browser_command() {
    if (const char* const variable = std::getenv("MUSEGAN_BROWSER")) return variable;
    for (const std::string name : {"chromium", "chromium-browser", "google-chrome"})
        if (shell("command -v " + name + " >/dev/null").exit_code == 0) return name;
    return "";
}

inline constexpr const char* no_browser =
    "no Chromium, which pages are tried in (tools/setup --browser installs it, or MUSEGAN_BROWSER names one)";

namespace detail {

/// Before the page's script: remembers what goes wrong. A browser without a window draws no frames, so time makes them.
inline constexpr const char* watching = R"(<script nonce="page">
window.wrongs = [];
window.requestAnimationFrame = draw => setTimeout(() => draw(performance.now()), 16);
addEventListener('error', event => wrongs.push(`error: ${event.message}`));
addEventListener('unhandledrejection', event => wrongs.push(`rejection: ${event.reason}`));
document.addEventListener('securitypolicyviolation', event => wrongs.push(`policy: ${event.violatedDirective}`));
console.error = console.warn = (...words) => wrongs.push(`console: ${words.join(' ')}`);
</script>
)";

/// Behind it: words for scripts, and a place for their results.
inline constexpr const char* trying = R"(<script nonce="page">
const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const frames = async (count = 2) => { while (count-- > 0) await new Promise(requestAnimationFrame); };
const press = (element, key, more = {}) =>
  element.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true, ...more}));
const named = (selector, text) => all(selector).find(element => element.textContent.trim() === text);
const type = (input, text) => { input.value = text; input.dispatchEvent(new Event('input', {bubbles: true})); };
/** What is wider than a page of 1600, 900 and 360 pixels, by page, but for what scrolls in a frame of its own. */
const tooWide = async framed => {
  const widths = [];
  for (const width of [1600, 900, 360]) {
    document.body.style.width = `${width}px`;
    await frames(4);
    const far = all('main *').filter(element => !element.parentElement.closest(framed))
      .filter(element => element.getBoundingClientRect().right > width + 1);
    widths.push(far.map(element => `${element.tagName}.${element.className}`));
  }
  return widths;
};
addEventListener('load', async () => {
  await frames(4);
  let results;
  try { results = await (async () => {%SCRIPT%})(); }
  catch (error) { wrongs.push(`thrown: ${error.stack}`); }
  await frames();
  const loaded = performance.getEntriesByType('resource').map(entry => entry.name);
  const place = document.body.appendChild(document.createElement('pre'));
  place.id = 'results';
  place.textContent = JSON.stringify({results, wrongs: wrongs.sort(), loaded}).replace(/[&<>]/g,
    mark => `\\u00${mark.charCodeAt(0).toString(16)}`);
});
</script>
)";

}  // namespace detail

/// What came of a page: `results` of the script, `wrongs` (errors, messages on the console, refusals of the page's
/// policy, sorted) and `loaded`, the addresses that were asked for.
///
/// `script` is the body of an async function that has the words above. A browser that fails is a failure.
inline nlohmann::json open_page(std::string page, const std::string& script) {
    const TemporaryFolder folder;
    page.insert(page.find("<script type=\"application/json\""), detail::watching);
    std::string trying = detail::trying;
    trying.replace(trying.find("%SCRIPT%"), 8, script);
    page.insert(page.rfind("</body>"), trying);
    write_text(folder / "page.html", page);
    const Outcome outcome =
        shell("HOME=" + quoted(folder.path()) + " timeout -k 5 200 " + browser_command() +
              " --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run"
              " --disable-background-networking --host-resolver-rules='MAP * ~NOTFOUND' --window-size=1280,900"
              " --force-device-scale-factor=1 --virtual-time-budget=20000"
              " --js-flags=--expose-gc --enable-precise-memory-info --user-data-dir=" +
              quoted(folder / "profile") + " --dump-dom " + "file://" + quoted(folder / "page.html") + " 2>" +
              quoted(folder / "errors"));
    const std::string begin = "<pre id=\"results\">";
    const std::size_t at = outcome.output.rfind(begin);
    CAPTURE(outcome.exit_code);
    // Most lines are about services that a machine without a desktop does not have.
    INFO(shell("grep -v dbus " + quoted(folder / "errors")).output);
    REQUIRE(at != std::string::npos);
    const std::size_t start = at + begin.size();
    return nlohmann::json::parse(outcome.output.substr(start, outcome.output.find("</pre>", start) - start));
}

/// The results of a script in a page that does nothing wrong and loads nothing.
inline nlohmann::json try_page(const std::string& page, const std::string& script) {
    const nlohmann::json report = open_page(page, script);
    CHECK(report.at("wrongs") == nlohmann::json::array());
    CHECK(report.at("loaded") == nlohmann::json::array());
    return report.value("results", nlohmann::json());
}

}  // namespace support
