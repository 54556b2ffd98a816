// Music made in the page, in a browser: the cells of C++, at the reader's hand, for a thousand phrases.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "io/safetensors.hpp"
#include "musegan/data/song.hpp"
#include "musegan/data/synth.hpp"
#include "musegan/music/accompany.hpp"
#include "musegan/music/generate.hpp"
#include "musegan/music/vary.hpp"
#include "musegan/pages/base64.hpp"
#include "musegan/pages/report_page.hpp"
#include "musegan/phrase/grid.hpp"
#include "musegan/sources/midi_source.hpp"
#include "musegan/training/checkpoint.hpp"
#include "musegan/training/half_model.hpp"
#include "tests/musegan/pages/made_run.hpp"
#include "tests/support/accessibility.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/player_page.hpp"
#include "tests/support/skip.hpp"

using namespace musegan;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;

/// A run of one of the models, of a few steps.
struct ComposingRun {
    support::TemporaryFolder folder;
    RunFolder run;

    ComposingRun(MultiTrackModel model, Condition condition, Output output = Output::tanh) {
        RunOptions options = pages_tests::small_options(folder.path());
        options.settings.model.model = model;
        options.settings.model.condition = condition;
        options.settings.model.output = output;
        // So that what it makes differs from seed to seed, though it has learned nothing.
        options.settings.model.width = 0.25;
        options.settings.model.latents.deviation = 1.0;
        options.settings.model.weight_start = layers::WeightStart::fan_in;
        options.steps = 3;
        options.checkpoint_every = 3;
        run_training(options, {});
        run = RunFolder(options.run);
    }
    /// The page's model: its weights are half floats.
    Model model() const {
        const io::SafetensorsFile file = io::SafetensorsFile::open(run.model());
        return load_model(io::SafetensorsFile::parse(half_model(file), "half"));
    }
    std::string page() const { return with_ear(report_page(read_run(run.path()))); }

    /// Keeps what the worker answers, and the model's section in sight.
    static std::string with_ear(std::string page) {
        page.insert(page.find("<script type=\"application/json\""), R"(<script nonce="page">
            [window.replies, window.asked] = [[], 0];
            window.Worker = class extends Worker {
              constructor(address) {
                super(address);
                this.addEventListener('message', ({data}) => data.answer?.cells && replies.push(data));
              }
              postMessage(message) {
                if (message.kind === 'make') asked = message.id;
                super.postMessage(message);
              }
            };</script>)");
        return page;
    }
};

/// Words for scripts.
const std::string hands = support::ears + R"(
    /** Does something, and waits for the answer to what it asked last. */
    const answered = async action => {
      const before = asked;
      action();
      await until(() => asked > before && replies.at(-1)?.id === asked, 'an answer');
      await frames(3);
    };
    /** The first phrase is made when the section comes into sight, or at the first use of it. */
    const begun = () => answered(() => type(onPage('.seed'), '0'));
    const onPage = selector => one('#compose').querySelector(selector);
    const sliderNamed = name => onPage(`input[aria-label="${name}"]`);
    const newest = () => [...replies.at(-1).answer.cells].map((cell, k) => cell ? k : -1).filter(k => k >= 0);
)";

/// Places of cells that are on, in the order of [T, P, M].
json cells_of(const PianoRoll& roll) {
    json places = json::array();
    for_each_cell(roll.shape(), roll.bits(), [&](std::int64_t step, int pitch, int track) {
        places.push_back((step * roll.shape().pitches + pitch) * n_tracks + track);
    });
    return places;
}
json cells_of(const PackedPhrases& phrases, std::int64_t k) { return cells_of(phrases.view().roll(k)); }

}  // namespace

TEST_CASE("composing in a browser: the same cells as the commands with the same half-float weights") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const ComposingRun made(MultiTrackModel::hybrid, Condition::none);
    const json results = support::try_page(made.page(), hands + R"(
        const found = [];
        await begun();
        found.push(newest());
        await answered(() => onPage('.new').click());
        found.push(newest());
        await answered(() => type(onPage('.seed'), '12345678901234567890'));
        found.push(newest());
        await answered(() => type(sliderNamed('Temperature'), '145'));
        await answered(() => type(sliderNamed('Threshold'), '5'));
        found.push(newest());
        await answered(() => all('.parts button')[2].click());
        await answered(() => all('.parts button')[2].click());
        found.push(newest());
        return {found, track: all('.parts button')[2].textContent, command: onPage('code').textContent,
          title: onPage('.player-title').textContent, status: onPage('.made').textContent};)");
    const Model model = made.model();
    const auto generated = [&](const Sampling& sampling) {
        return cells_of(generate_phrases(model, {.phrases = 1, .sampling = sampling}), 0);
    };
    const json& found = results["found"];
    CHECK(found[0] == generated({}));
    CHECK(found[1] == generated({.seed = 1}));
    CHECK(found[0] != found[1]);
    const Sampling last{.seed = 12345678901234567890u, .threshold = 0.05, .temperature = 1.45};
    CHECK(found[2] == generated({.seed = last.seed}));
    CHECK(found[3] == generated(last));
    const int track = track_index(results["track"].get<std::string>());
    CHECK(found[4] == cells_of(vary(model, {.phrases = 3, .redraw = {track}, .sampling = last}), 2));
    CHECK(results["command"] ==
          fmt::format("musegan vary --weights model.safetensors --seed 12345678901234567890 --temperature=1.45 "
                      "--threshold=0.05 --redraw {} --phrases 3 --out music",
                      results["track"].get<std::string>()));
    CHECK(results["title"] == fmt::format("seed 12345678901234567890, {} 2", results["track"].get<std::string>()));
    CHECK(results["status"].get<std::string>().ends_with("ms."));
}

TEST_CASE("composing in a browser: the slider goes from one kept phrase to another") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const ComposingRun made(MultiTrackModel::composer, Condition::none);
    const json results = support::try_page(made.page(), hands + R"(
        const way = sliderNamed('Between'), [keepA, keepB] = all('.way button'), found = [];
        const before = way.disabled;
        await begun();
        keepA.click();
        await answered(() => onPage('.new').click());
        await answered(() => onPage('.new').click());
        keepB.click();
        const after = way.disabled, seeds = [], keeps = [], seed = onPage('.seed');
        for (const place of ['0', '35', '100']) {
          await answered(() => type(way, place));
          found.push(newest(), onPage('.player-title').textContent, onPage('code').textContent);
          seeds.push(seed.value);
          keeps.push(keepA.disabled);
        }
        await answered(() => type(way, '35'));
        const onWay = onPage('.way output').textContent;
        await answered(() => onPage('.new').click());
        return {before, after, found, seeds, keeps, onWay, away: onPage('.way output').textContent,
          pictures: all('.kept canvas').length,
          parts: onPage('.compose-controls .note').textContent};)");
    CHECK(results["before"] == true);
    CHECK(results["after"] == false);
    CHECK(results["pictures"] == 2);
    CHECK(results["seeds"] == json{"0", "0", "2"});
    CHECK(results["keeps"] == json{false, true, false});
    CHECK(results["onWay"] == "35 % from A to B");
    CHECK(results["away"] == "\u2013");
    CHECK(results["parts"].get<std::string>().starts_with("A composer has one set of random numbers"));
    const Model model = made.model();
    const Latents a = draw_latents(model, {.seed = 0}, 0), b = draw_latents(model, {.seed = 2}, 0);
    const auto at = [&](double t) {
        return cells_of(decode(model, between(a, b, t, Way::spherical), {}, Sampling{}, 0), 0);
    };
    const json& found = results["found"];
    CHECK(found[0] == at(0));
    CHECK(found[3] == at(0.35));
    CHECK(found[6] == at(1));
    CHECK(found[3] != found[0]);
    CHECK(found[1] == "seed 0");
    CHECK(found[4] == "35 % of the way from seed 0 to seed 2");
    CHECK(found[2] == "musegan generate --weights model.safetensors --seed 0 --phrases 1 --out music");
    CHECK(found[5] == "No command makes this music: its random numbers are of more than one draw.");
    CHECK(found[8] == "musegan generate --weights model.safetensors --seed 2 --phrases 1 --out music");
}

TEST_CASE("composing in a browser: the weights are a file that the commands take") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const ComposingRun made(MultiTrackModel::composer, Condition::none);
    const json results = support::try_page(made.page(), hands + R"(
        let saved = null;
        const address = URL.createObjectURL;
        URL.createObjectURL = blob => (saved = blob, address(blob));
        [...one('#compose').querySelectorAll('.same button')][0].click();
        URL.createObjectURL = address;
        const read = new Uint8Array(await rendered(saved.arrayBuffer()));
        let text = '';
        for (const byte of read) text += String.fromCharCode(byte);
        return {size: saved.size, text: btoa(text), label: onPage('.same button').textContent};)");
    const io::SafetensorsFile file = io::SafetensorsFile::open(made.run.model());
    const std::vector<std::uint8_t> expected = half_model(file);
    CHECK(results["size"] == expected.size());
    CHECK(results["text"] == base64(expected));
}

TEST_CASE("composing in a browser: a thousand phrases leave no more memory in use than a hundred") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const ComposingRun made(MultiTrackModel::composer, Condition::none);
    const json results = support::try_page(made.page(), hands + R"(
        await begun();
        const used = [];
        for (let k = 1; k <= 1000; ++k) {
          const before = asked;
          onPage('.new').click();
          await until(() => asked > before && replies.at(-1)?.id === asked, 'an answer');
          replies.length = 0;
          if (k % 100 === 0) {
            await frames(2);
            gc();
            used.push(performance.memory.usedJSHeapSize);
          }
        }
        return {used, title: onPage('.player-title').textContent, nodes: document.querySelectorAll('*').length};)");
    CHECK(results["title"] == "seed 1000");
    const json& used = results["used"];
    MESSAGE("bytes in use after 100, 200, ... phrases: " << used.dump());
    CHECK(used[9].get<double>() < 1.1 * used[0].get<double>());
}

TEST_CASE("composing in a browser: music to the given track, cell for cell as the command makes it") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const ComposingRun made(MultiTrackModel::hybrid, Condition::piano);
    const RunRecord record = read_run(made.run.path());
    const json results = support::try_page(ComposingRun::with_ear(report_page(record)), hands + R"(
        await begun();
        const first = newest();
        await answered(() => onPage('.new').click());
        return {first, second: newest(), command: onPage('code').textContent,
          title: onPage('.player-title').textContent};)");
    const Model model = made.model();
    const PianoRoll song = expand(record.samples.back().phrases.view().roll(0));
    const auto accompanied = [&](std::uint64_t seed) {
        const PianoRoll music = accompany(model, song, {.sampling = {.seed = seed}});
        return cells_of(reduce(music, model.config().shape.steps_per_beat));
    };
    CHECK(results["first"] == accompanied(0));
    CHECK(results["second"] == accompanied(1));
    CHECK(results["first"] != results["second"]);
    CHECK(results["command"] ==
          "musegan accompany --input sample_seed_1.mid --weights model.safetensors --seed 1 --out music");
    CHECK(results["title"] == "sample, seed 1");
}

TEST_CASE("composing in a browser: a song that is dropped is accompanied, and a file that is none costs nothing") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const ComposingRun made(MultiTrackModel::composer, Condition::piano);
    const io::MidiFile midi = synthesize_song(5, 1);
    const json results =
        support::try_page(made.page(), support::accessibility + hands +
                                           fmt::format("const song = '{}';\n", base64(serialize_midi(midi))) + R"(
        const bytes = Uint8Array.from(atob(song), letter => letter.charCodeAt(0));
        const drop = (name, content) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([content], name));
          one('.midi-input').dispatchEvent(
            new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true}));
        };
        const said = () => onPage('.given').textContent;
        await begun();
        const before = onPage('.player-title').textContent;
        drop('letter.mid', 'Dear song, you are none.');
        await until(() => said().includes('letter.mid'), 'a word about the letter');
        const refused = said(), still = onPage('.player-title').textContent;
        replies.length = 0;
        drop('my song.mid', bytes);
        await until(() => onPage('.player-title').textContent.startsWith('my song'), 'the song');
        await frames(4);
        return {before, refused, still, title: onPage('.player-title').textContent, phrases: replies.length,
          status: onPage('.made').textContent, faults: await accessibilityFaults(),
          parts: replies.map(({answer}) => [...answer.cells].map((cell, k) => cell ? k : -1).filter(k => k >= 0))};)");
    json cells = json::array();
    const MidiSource source(midi);
    const PianoRoll song = whole_song(source, "song").roll;
    const Model model = made.model();
    const PianoRoll music = reduce(accompany(model, song), model.config().shape.steps_per_beat);
    const std::int64_t per_step = music.shape().cells_per_step(), per_phrase = per_step * model.config().shape.steps();
    for (std::size_t k = 0; k < results["parts"].size(); ++k)
        for (const json& cell : results["parts"][k])
            if (const auto place = static_cast<std::int64_t>(k) * per_phrase + cell.get<std::int64_t>();
                place < music.steps() * per_step)
                cells.push_back(place);
    CHECK(cells == cells_of(music));
    CHECK(cells.size() > 100);
    CHECK(results["refused"].get<std::string>().find("letter.mid is not taken: no MThd") != std::string::npos);
    CHECK(results["still"] == results["before"]);
    CHECK(results["title"] == "my song, seed 0");
    CHECK(results["faults"] == json::array());
}

TEST_CASE("composing in a browser: at either end of the way chance is the end's own, as the commands have it") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const ComposingRun made(MultiTrackModel::composer, Condition::none, Output::stochastic);
    const json results = support::try_page(made.page(), hands + R"(
        const [keepA, keepB] = all('.way button'), found = [];
        await begun();
        keepA.click();
        await answered(() => onPage('.new').click());
        keepB.click();
        for (const place of ['0', '50', '100']) {
          await answered(() => type(sliderNamed('Between'), place));
          found.push(newest());
        }
        return found;)");
    const Model model = made.model();
    CHECK(results[0] == cells_of(generate_phrases(model, {.phrases = 1}), 0));
    CHECK(results[2] == cells_of(generate_phrases(model, {.phrases = 1, .sampling = {.seed = 1}}), 0));
}

TEST_CASE("composing in a browser: a track that is cleared while music is made to it ends that, and comes back") {
    if (support::browser_command().empty()) SKIP_TEST(support::no_browser);
    const ComposingRun made(MultiTrackModel::composer, Condition::piano);
    const json results = support::try_page(made.page(), hands + R"(
        const press = name => [...one('.given-editor').querySelectorAll('button')]
          .find(element => element.textContent === name).click();
        await begun();
        const whole = onPage('.made').textContent, title = onPage('.player-title').textContent;
        type(onPage('.seed'), '77');
        press('Clear');
        await until(() => replies.at(-1)?.id === asked, 'the last answer');
        for (let k = 0; k < 20; ++k) await turn(k);
        await frames(4);
        const cleared = onPage('.made').textContent, still = onPage('.player-title').textContent;
        type(onPage('.seed'), '0');
        press('Undo');
        await until(() => onPage('.made').textContent.includes('notes'), 'the music again');
        return {whole, title, cleared, still, back: onPage('.made').textContent};)");
    CHECK(results["cleared"] == "There is no note of piano: draw one above.");
    CHECK(results["still"] == results["title"]);
    CHECK(results["back"].get<std::string>().find("notes, made before.") != std::string::npos);
}
