#include "tensor/scope.hpp"

#include <mutex>
#include <set>

namespace tensor {

std::string to_string(const Scope& scope) {
    std::string text;
    for (const char* word : {scope.phase, scope.layer, scope.operation, scope.kernel}) {
        if (*word == '\0') continue;
        if (!text.empty()) text += ", ";
        text += word;
    }
    return text;
}

std::string describe_buffer(const Scope& scope) {
    std::string text = *scope.operation ? std::string("result of ") + scope.operation : std::string("a tensor");
    if (*scope.layer) text += std::string(" in ") + scope.layer;
    if (*scope.phase) text += std::string(", ") + scope.phase;
    return text;
}

const char* intern(const std::string& text) {
    static std::mutex mutex;
    // Never destroyed: names may be asked for while static objects are being destroyed.
    static std::set<std::string>* const texts = new std::set<std::string>();
    const std::lock_guard lock(mutex);
    return texts->insert(text).first->c_str();
}

}  // namespace tensor
