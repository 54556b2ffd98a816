#include "tensor/place.hpp"

#include <mutex>
#include <set>

namespace tensor {

std::string to_string(const Place& place) {
    std::string text;
    for (const char* word : {place.phase, place.layer, place.operation}) {
        if (*word == '\0') continue;
        if (!text.empty()) text += ", ";
        text += word;
    }
    return text;
}

std::string describe_buffer(const Place& place) {
    std::string text = *place.operation ? std::string("result of ") + place.operation : std::string("a tensor");
    if (*place.layer) text += std::string(" in ") + place.layer;
    if (*place.phase) text += std::string(", ") + place.phase;
    return text;
}

const char* intern(const std::string& text) {
    static std::mutex mutex;
    // Never destroyed: names may be asked for while statics go.
    static std::set<std::string>* const texts = new std::set<std::string>();
    const std::lock_guard lock(mutex);
    return texts->insert(text).first->c_str();
}

}  // namespace tensor
