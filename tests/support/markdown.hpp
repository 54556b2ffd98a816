// What a page of Markdown is made of: headings, links, code spans, code blocks and italic passages, with their lines.
// It knows the Markdown that the project's pages are written in, not all there is: no HTML, no reference links.
#pragma once

#include <cctype>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace support {

struct Piece {
    std::string text;  ///< without its marks; lines are joined by a space
    int line;          ///< of its beginning, from 1
};

struct CodeBlock {
    std::string language;  ///< "" for an indented one
    std::vector<Piece> lines;
};

/// An italic passage: `masked` has the same length as `text`, and '\1' for every character of a code span.
struct Italic {
    std::string text, masked;
    int line;
};

struct Page {
    std::string path;
    std::vector<Piece> headings, links, spans;  ///< of a link, the target
    std::vector<CodeBlock> blocks;
    std::vector<Italic> italics;
    std::vector<Piece> faults;  ///< marks that are opened and never closed
};

/// GitHub's anchor of a heading: lower case, without punctuation, hyphens for spaces.
inline std::string anchor_of(const std::string& heading) {
    std::string anchor;
    for (std::size_t i = 0; i < heading.size(); ++i) {
        const unsigned char c = static_cast<unsigned char>(heading[i]);
        if (c == 0xE2 && i + 2 < heading.size()) {  // dashes, quotation marks, arrows
            i += 2;
        } else if (c == 0xC3 && i + 1 < heading.size() && (heading[i + 1] == '\x97' || heading[i + 1] == '\xB7')) {
            ++i;  // the signs of multiplication and division
        } else if (std::isalnum(c) || c == '_' || c == '-' || c >= 0x80) {
            anchor += static_cast<char>(std::tolower(c));
        } else if (c == ' ') {
            anchor += '-';
        }
    }
    return anchor;
}

/// The anchors of a page; of equal headings the second has -1, the third -2.
inline std::vector<std::string> anchors_of(const Page& page) {
    std::vector<std::string> anchors;
    std::map<std::string, int> seen;
    for (const Piece& heading : page.headings) {
        const std::string anchor = anchor_of(heading.text);
        const int before = seen[anchor]++;
        anchors.push_back(before == 0 ? anchor : anchor + "-" + std::to_string(before));
    }
    return anchors;
}

namespace markdown {

inline std::size_t indent_of(const std::string& line) {
    const std::size_t indent = line.find_first_not_of(' ');
    return indent == std::string::npos ? line.size() : indent;
}

inline std::string joined(std::string text) {
    for (char& c : text)
        if (c == '\n') c = ' ';
    return text;
}

/// One paragraph, table or heading, read for what stands inside a line.
class Inline {
  public:
    Inline(Page& page, const std::string& text, int line) : page_(page), text_(text), masked_(text), line_(line) {
        read_code_spans();
        read_links();
        read_italics();
    }

  private:
    int line_at(std::size_t at) const {
        int line = line_;
        for (std::size_t i = 0; i < at; ++i) line += text_[i] == '\n';
        return line;
    }

    std::size_t run_of(char mark, std::size_t at) const {
        std::size_t end = at;
        while (end < text_.size() && text_[end] == mark) ++end;
        return end - at;
    }

    void mask(std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) masked_[i] = '\1';
    }

    void read_code_spans() {
        for (std::size_t i = 0; i < text_.size();) {
            if (text_[i] == '\\' && i + 1 < text_.size()) {
                mask(i, i + 2);
                i += 2;
                continue;
            }
            const std::size_t marks = run_of('`', i);
            if (marks == 0) {
                ++i;
                continue;
            }
            std::size_t end = i + marks;
            while (end < text_.size() && run_of('`', end) != marks) end += run_of('`', end) + (text_[end] != '`');
            if (end >= text_.size()) {
                page_.faults.push_back({"a code span without an end", line_at(i)});
                return;
            }
            page_.spans.push_back({joined(text_.substr(i + marks, end - i - marks)), line_at(i)});
            mask(i, end + marks);
            i = end + marks;
        }
    }

    void read_links() {
        for (std::size_t i = masked_.find("]("); i != std::string::npos; i = masked_.find("](", i + 2)) {
            std::size_t end = i + 2;
            for (int open = 1; end < masked_.size(); ++end) {
                if (masked_[end] == '(') ++open;
                if (masked_[end] == ')' && --open == 0) break;
            }
            const std::string target = text_.substr(i + 2, end - i - 2);
            page_.links.push_back({target.substr(0, target.find_first_of(" \n")), line_at(i)});
        }
    }

    void read_italics() {
        std::size_t begin = std::string::npos;
        for (std::size_t i = 0; i < masked_.size(); ++i) {
            const std::size_t marks = run_of('*', i);
            if (masked_[i] != '*') continue;
            const bool before = i > 0 && !std::isspace(static_cast<unsigned char>(masked_[i - 1]));
            const bool after =
                i + marks < masked_.size() && !std::isspace(static_cast<unsigned char>(masked_[i + marks]));
            if (marks == 1 && begin == std::string::npos && after) {
                begin = i + 1;
            } else if (marks == 1 && begin != std::string::npos && before) {
                page_.italics.push_back(
                    {joined(text_.substr(begin, i - begin)), joined(masked_.substr(begin, i - begin)), line_at(begin)});
                begin = std::string::npos;
            }
            i += marks - 1;
        }
        if (begin != std::string::npos) page_.faults.push_back({"an italic passage without an end", line_at(begin)});
    }

    Page& page_;
    std::string text_, masked_;
    int line_;
};

/// Takes the lines of a page apart into blocks.
class Reader {
  public:
    Page page;

    void take(const std::string& line) {
        ++number_;
        const std::size_t indent = indent_of(line);
        const bool fence = line.compare(indent, 3, "```") == 0;
        if (fenced_ || fence) {
            take_fenced(line, indent, fence);
        } else if (indent == line.size()) {
            end_paragraph();
            blank_ = true;
        } else if ((blank_ || indented_) && indent >= list_ + 4) {
            if (!indented_) page.blocks.push_back({"", {}});
            indented_ = true;
            page.blocks.back().lines.push_back({line.substr(indent), number_});
        } else {
            take_text(line, indent);
        }
    }

    void end_paragraph() {
        if (!paragraph_.empty()) Inline(page, paragraph_, first_);
        paragraph_.clear();
    }

  private:
    void take_fenced(const std::string& line, std::size_t indent, bool fence) {
        end_paragraph();
        if (!fence) {
            page.blocks.back().lines.push_back({line, number_});
        } else {
            fenced_ = !fenced_;
            if (fenced_) page.blocks.push_back({line.substr(indent + 3), {}});
        }
        blank_ = indented_ = false;
    }

    void take_text(const std::string& line, std::size_t indent) {
        if (blank_ && indent < list_) list_ = 0;
        blank_ = indented_ = false;
        const std::size_t heading = line.find_first_not_of('#');
        if (heading > 0 && heading <= 6 && heading != std::string::npos && line[heading] == ' ') {
            end_paragraph();
            page.headings.push_back({line.substr(heading + 1), number_});
            Inline(page, line, number_);
            return;
        }
        const std::size_t text = line.find_first_not_of("-*+0123456789.) ", indent);
        const std::size_t mark = line.find(' ', indent);
        const bool item = mark != std::string::npos && text == mark + 1;
        if (item) list_ = mark + 1;
        if (item || line[indent] == '|') end_paragraph();
        if (paragraph_.empty()) first_ = number_;
        // A cell of a table has `|` as \|.
        for (std::size_t i = 0; i < line.size(); ++i)
            if (line[i] != '\\' || line[indent] != '|' || line.compare(i, 2, "\\|") != 0) paragraph_ += line[i];
        paragraph_ += '\n';
    }

    std::string paragraph_;
    int number_ = 0, first_ = 0;
    std::size_t list_ = 0;  // where the text of the list's item begins
    bool fenced_ = false, blank_ = true, indented_ = false;
};

}  // namespace markdown

inline Page parse_page(const std::string& path, const std::string& text) {
    markdown::Reader reader;
    reader.page.path = path;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) reader.take(line);
    reader.end_paragraph();
    return reader.page;
}

}  // namespace support
