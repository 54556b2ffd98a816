// Any bytes give a profile or a tensor::Error; a profile that was read is written, read and written again the same, is
// the same as itself beside it, and can be told in tables and words.
#include <cmath>
#include <string>
#include <string_view>

#include "musegan/study/profile_compare.hpp"
#include "musegan/study/profile_json.hpp"
#include "musegan/study/profile_text.hpp"
#include "musegan/study/profile_words.hpp"
#include "tensor/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/musegan/study/small_profile.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    musegan::Profile profile;
    try {
        profile = musegan::parse_profile(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz");
    } catch (const tensor::Error&) {
        return 0;
    }
    const std::string written = musegan::profile_json(profile);
    const musegan::Profile again = musegan::parse_profile(written, "again");
    fuzz::require(musegan::profile_json(again) == written, "a profile survives");
    const musegan::ProfileChange change =
        musegan::compare_profiles(profile, again, musegan::ProfileGrouping::all, "a", "b");
    fuzz::require(change.verdict() == musegan::Verdict::same, "a profile is the same as itself");
    for (const auto grouping : {musegan::ProfileGrouping::kernel, musegan::ProfileGrouping::all})
        fuzz::require(!musegan::profile_table(profile, grouping, 5).empty(), "a table has a heading");
    fuzz::require(musegan::profile_words(profile).size() == 6, "there are six paragraphs");
    return 0;
}

std::vector<std::vector<std::uint8_t>> fuzz::seeds() {
    musegan::Profile small = study_tests::small_profile();
    small.rows.resize(2);
    small.rows[0].launch = tensor::LaunchFacts{};
    small.rows[1].threads = {1, 2};
    small.idle_share = 0.5;
    small.roofs.caches = {{1e5, 20}};
    std::vector<std::vector<std::uint8_t>> files;
    for (const std::string& text : {musegan::profile_json(small), std::string("{\"format\": \"musegan profile\"}")})
        files.emplace_back(text.begin(), text.end());
    return files;
}
