// The programs that the CMakeLists make, and the folder of tests that each test program is made of.
#pragma once

#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace house {

struct Programs {
    std::set<std::string> names, targets;        ///< a target may also be a library or a list of others
    std::map<std::string, std::string> folders;  ///< of test programs: autograd_tests to tests/autograd
};

namespace cmake {

using Lists = std::map<std::string, std::vector<std::string>>;

/// The words of an argument list, with ${X} replaced by what X was set to.
inline std::vector<std::string> expand(const std::string& arguments, const Lists& lists) {
    std::vector<std::string> words;
    std::istringstream stream(arguments);
    for (std::string word; stream >> word;) {
        const auto list = word.starts_with("${") ? lists.find(word.substr(2, word.size() - 3)) : lists.end();
        if (list == lists.end()) {
            words.push_back(word);
        } else {
            words.insert(words.end(), list->second.begin(), list->second.end());
        }
    }
    return words;
}

/// The items of every set(), and those that every foreach()'s variable goes through.
inline Lists lists_of(const std::string& text) {
    static const std::regex command("(set|foreach)\\(\\s*(\\w+)\\s+([^)]*)\\)");
    Lists lists;
    for (std::sregex_iterator at(text.begin(), text.end(), command), end; at != end; ++at) {
        std::string items = (*at)[3];
        if ((*at)[1] == "foreach" && items.starts_with("IN LISTS ")) items = "${" + items.substr(9) + "}";
        for (const std::string& item : expand(items, lists)) lists[(*at)[2]].push_back(item);
    }
    return lists;
}

/// "${reader}_fuzz" to one name per reader; a name with a variable that nothing sets is left out.
inline std::vector<std::string> names_of(const std::string& name, const Lists& lists, int depth = 0) {
    const std::size_t begin = name.find("${");
    if (begin == std::string::npos) return {name};
    const std::size_t end = name.find('}', begin);
    const auto list = lists.find(name.substr(begin + 2, end - begin - 2));
    std::vector<std::string> names;
    if (list == lists.end() || depth == 4) return names;
    for (const std::string& item : list->second)
        for (const std::string& each : names_of(name.substr(0, begin) + item + name.substr(end + 1), lists, depth + 1))
            names.push_back(each);
    return names;
}

}  // namespace cmake

/// Adds the targets and programs of one CMakeLists.txt, which stands in `folder` ("" for the root, else "tests/"): of
/// add_executable, OUTPUT_NAME, house_tests and every function that is called NAME_program.
inline void add_programs(const std::string& folder, const std::string& text, Programs& programs) {
    static const std::regex ignored("#[^\n]*|function\\([^)]*\\)");
    static const std::regex command(
        "(add_executable|add_library|add_custom_target|OUTPUT_NAME|house_tests|\\w+_program)[(\\s]\\s*([^\\s)]+)\\s*([^"
        "\\s)]*)");
    const std::string code = std::regex_replace(text, ignored, "");
    const cmake::Lists lists = cmake::lists_of(code);
    for (std::sregex_iterator at(code.begin(), code.end(), command), end; at != end; ++at) {
        const std::string kind = (*at)[1];
        for (const std::string& name : cmake::names_of((*at)[2], lists)) {
            const std::string program = kind == "house_tests" ? name + "_tests" : name;
            programs.targets.insert(program);
            if (kind == "add_library" || kind == "add_custom_target") continue;
            programs.names.insert(program);
            if (kind == "house_tests") programs.folders[program] = "tests/" + name + "/";
            if (kind == "house_program") programs.folders[program] = "tests/" + (*at)[3].str() + "/";
            if (kind.ends_with("_program")) programs.folders.emplace(program, folder);
            if (kind == "add_executable" && program.ends_with("_tests"))
                programs.folders.emplace(program, folder + "tests/");
        }
    }
}

}  // namespace house
