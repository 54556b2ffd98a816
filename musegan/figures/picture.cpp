#include "musegan/figures/picture.hpp"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <memory>
#include <numbers>
#include <string>
#include <utility>

#include "io/atomic_file.hpp"
#include "tensor/error.hpp"

#ifdef __SANITIZE_ADDRESS__
/// fontconfig keeps a few patterns for each font face, a kilobyte in all, in a form that the leak check cannot follow.
/// They do not grow with what is drawn.
extern "C" {
const char* __lsan_default_suppressions();
const char* __lsan_default_options();
const char* __lsan_default_suppressions() { return "leak:libfontconfig\n"; }
const char* __lsan_default_options() { return "print_suppressions=0"; }
}
#endif

namespace musegan {

/// A drawing context on the surface of one format.
struct Renderer {
    Renderer(cairo_surface_t* surface, bool in_pixels) : context(cairo_create(surface)), pixels(in_pixels) {}
    Renderer(const Renderer&) = delete;
    Renderer& operator=(const Renderer&) = delete;
    ~Renderer() { cairo_destroy(context); }

    cairo_t* const context;
    const bool pixels;
};

namespace {

using Bytes = std::vector<std::uint8_t>;

// Cairo's objects, freed on every way out.
template <auto release>
struct Release {
    template <typename Object>
    void operator()(Object* object) const {
        release(object);
    }
};
using Surface = std::unique_ptr<cairo_surface_t, Release<cairo_surface_destroy>>;
using FontFace = std::unique_ptr<cairo_font_face_t, Release<cairo_font_face_destroy>>;
using FontOptions = std::unique_ptr<cairo_font_options_t, Release<cairo_font_options_destroy>>;
using ScaledFont = std::unique_ptr<cairo_scaled_font_t, Release<cairo_scaled_font_destroy>>;

void check(cairo_status_t status) {
    if (status != CAIRO_STATUS_SUCCESS) tensor::fail("picture", "Cairo: {}", cairo_status_to_string(status));
}

void set_color(cairo_t* context, Color color) {
    cairo_set_source_rgb(context, color[0] / 255.0, color[1] / 255.0, color[2] / 255.0);
}

void add_rectangle(cairo_t* context, const Rectangle& r) { cairo_rectangle(context, r.x, r.y, r.width, r.height); }

/// Whatever the desktop's settings: grey edges; in pixels every letter is as wide as a whole number of them and stands
/// on the grid, among vectors none is moved.
FontOptions font_options(bool pixels) {
    FontOptions options(cairo_font_options_create());
    cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options.get(), pixels ? CAIRO_HINT_STYLE_SLIGHT : CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options.get(), pixels ? CAIRO_HINT_METRICS_ON : CAIRO_HINT_METRICS_OFF);
    return options;
}

/// The font at its size, in pixels.
ScaledFont font_of(const TextStyle& style) {
    const FontFace face(cairo_toy_font_face_create("DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                                                   style.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL));
    cairo_matrix_t size, upright;
    cairo_matrix_init_scale(&size, style.size, style.size);
    cairo_matrix_init_identity(&upright);
    ScaledFont font(cairo_scaled_font_create(face.get(), &size, &upright, font_options(true).get()));
    check(cairo_scaled_font_status(font.get()));
    return font;
}

/// The same font for text under the context's scale and turn.
void use_font(const Renderer& renderer, cairo_scaled_font_t* font) {
    cairo_t* const context = renderer.context;
    cairo_matrix_t size;
    cairo_scaled_font_get_font_matrix(font, &size);
    cairo_set_font_face(context, cairo_scaled_font_get_font_face(font));
    cairo_set_font_matrix(context, &size);
    cairo_set_font_options(context, font_options(renderer.pixels).get());
}

/// The strokes that stand in for a font are ASCII: a hyphen for the minus sign.
std::string spelled(std::string_view text, cairo_scaled_font_t* font) {
    std::string result(text);
    if (cairo_scaled_font_get_type(font) != CAIRO_FONT_TYPE_USER) return result;
    constexpr std::string_view minus = "\u2212";
    for (std::size_t at = 0; (at = result.find(minus, at)) != std::string::npos;) result.replace(at, minus.size(), "-");
    return result;
}

cairo_text_extents_t extents_of(cairo_scaled_font_t* font, const std::string& text) {
    cairo_text_extents_t extents;
    cairo_scaled_font_text_extents(font, text.c_str(), &extents);
    check(cairo_scaled_font_status(font));
    return extents;
}

/// Where an encoded picture goes, and what looks meanwhile.
struct Sink {
    const Picture::Look& look;
    Bytes bytes{};
    std::exception_ptr failure{};

    /// Throws what ended the encoding, or an Error of Cairo's.
    void check(cairo_status_t status) const {
        if (failure) std::rethrow_exception(failure);
        musegan::check(status);
    }
};

/// Cairo hands over what it encodes in pieces; no exception may pass through it.
cairo_status_t append(void* closure, const unsigned char* data, unsigned length) {
    Sink& sink = *static_cast<Sink*>(closure);
    try {
        sink.bytes.insert(sink.bytes.end(), data, data + length);
        if (sink.look) sink.look();
    } catch (...) {
        sink.failure = std::current_exception();
        return CAIRO_STATUS_WRITE_ERROR;
    }
    return CAIRO_STATUS_SUCCESS;
}

/// Writes what is still to be written.
void finish(cairo_surface_t* surface, const Sink& sink) {
    cairo_surface_finish(surface);
    sink.check(cairo_surface_status(surface));
}

/// Cairo counts the surfaces of the process and writes the number into the file: <g id="surface7">.
void forget_surface_number(Bytes& svg) {
    constexpr std::string_view name = "id=\"surface";
    const auto found = std::search(svg.begin(), svg.end(), name.begin(), name.end());
    if (found == svg.end()) return;
    const auto digits = found + static_cast<std::ptrdiff_t>(name.size());
    svg.erase(digits, std::find(digits, svg.end(), '"'));
}

struct Format {
    std::string_view ending;
    Bytes (Picture::*encode)(const Picture::Look&) const;
};
constexpr std::array<Format, 3> formats{{{".png", &Picture::png}, {".svg", &Picture::svg}, {".pdf", &Picture::pdf}}};

const Format& format_of(const std::filesystem::path& path) {
    const std::string ending = path.extension().string();
    for (const Format& format : formats)
        if (ending == format.ending) return format;
    tensor::fail(path.string(), "is a picture ending in '{}', expected .png, .svg or .pdf", ending);
}

}  // namespace

double text_width(std::string_view text, const TextStyle& style) {
    const ScaledFont font = font_of(style);
    return extents_of(font.get(), spelled(text, font.get())).x_advance;
}

Color mixed(Color a, Color b, double share_of_b) {
    Color color{};
    for (std::size_t k = 0; k < 3; ++k)
        color[k] = static_cast<std::uint8_t>(std::lround(a[k] + std::clamp(share_of_b, 0.0, 1.0) * (b[k] - a[k])));
    return color;
}

Picture::Picture(int width, int height) : width_(width), height_(height) {
    if (width < 1 || height < 1 || width > max_picture_side || height > max_picture_side ||
        std::int64_t{width} * height > max_picture_pixels) {
        tensor::fail("picture", "{} x {} pixels, expected sides of 1 to {} and at most {} pixels in all", width, height,
                     max_picture_side, max_picture_pixels);
    }
    fill(Rectangle{0, 0, width, height}, white);
}

void Picture::fill(const Rectangle& rectangle, Color color) { fill(std::vector{rectangle}, color); }

void Picture::fill(std::vector<Rectangle> rectangles, Color color) {
    strokes_.push_back([rectangles = std::move(rectangles), color](Renderer& renderer) {
        cairo_t* const context = renderer.context;
        cairo_set_antialias(context, CAIRO_ANTIALIAS_NONE);
        set_color(context, color);
        for (const Rectangle& rectangle : rectangles) add_rectangle(context, rectangle);
        cairo_fill(context);
    });
}

void Picture::frame(const Rectangle& r, Color color) {
    fill(std::vector<Rectangle>{{r.x, r.y, r.width, 1},
                                {r.x, r.y + r.height - 1, r.width, 1},
                                {r.x, r.y, 1, r.height},
                                {r.x + r.width - 1, r.y, 1, r.height}},
         color);
}

void Picture::line(std::vector<Point> points, const Pen& pen, const Rectangle& clip) {
    if (points.empty()) return;
    if (points.size() == 1) points.push_back(points.front());
    strokes_.push_back([points = std::move(points), pen, clip](Renderer& renderer) {
        cairo_t* const context = renderer.context;
        add_rectangle(context, clip);
        cairo_clip(context);
        set_color(context, pen.color);
        cairo_set_line_width(context, pen.width);
        cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND);
        cairo_set_line_cap(context, pen.dash > 0 ? CAIRO_LINE_CAP_BUTT : CAIRO_LINE_CAP_ROUND);
        const double dashes[]{pen.dash, 0.7 * pen.dash};
        if (pen.dash > 0) cairo_set_dash(context, dashes, 2, 0);
        for (const Point& point : points) cairo_line_to(context, point.x, point.y);
        cairo_stroke(context);
    });
}

void Picture::text(Point at, std::string_view text, const TextStyle& style) {
    const std::shared_ptr<cairo_scaled_font_t> font = font_of(style);
    std::string spelling = spelled(text, font.get());
    const double share = style.align == Align::left ? 0.0 : style.align == Align::center ? 0.5 : 1.0;
    const double across = std::round(extents_of(font.get(), "0").height / 2);
    strokes_.push_back([at, share, across, font, style, spelling = std::move(spelling)](Renderer& renderer) {
        cairo_t* const context = renderer.context;
        set_color(context, style.color);
        use_font(renderer, font.get());
        cairo_translate(context, std::round(at.x), std::round(at.y));
        if (style.upward) cairo_rotate(context, -std::numbers::pi / 2);
        cairo_text_extents_t extents;
        cairo_text_extents(context, spelling.c_str(), &extents);
        cairo_move_to(context, -std::round(share * extents.x_advance), across);
        cairo_show_text(context, spelling.c_str());
    });
}

void Picture::place(const Picture& other, int x, int y) {
    strokes_.push_back([strokes = other.strokes_, x, y](Renderer& renderer) {
        cairo_translate(renderer.context, x, y);
        for (const Stroke& stroke : strokes) {
            cairo_save(renderer.context);
            stroke(renderer);
            cairo_restore(renderer.context);
        }
    });
}

void Picture::play(Renderer& renderer, const Look& look) const {
    for (const Stroke& stroke : strokes_) {
        cairo_save(renderer.context);
        stroke(renderer);
        cairo_restore(renderer.context);
        if (look) look();
    }
    check(cairo_status(renderer.context));
}

Bytes Picture::png(const Look& look) const {
    Sink sink{look};
    const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width_, height_));
    Renderer renderer(surface.get(), true);
    play(renderer, look);
    sink.check(cairo_surface_write_to_png_stream(surface.get(), append, &sink));
    return std::move(sink.bytes);
}

Bytes Picture::svg(const Look& look) const {
    Sink sink{look};
    const Surface surface(cairo_svg_surface_create_for_stream(append, &sink, width_, height_));
    cairo_svg_surface_set_document_unit(surface.get(), CAIRO_SVG_UNIT_PX);
    Renderer renderer(surface.get(), false);
    play(renderer, look);
    finish(surface.get(), sink);
    forget_surface_number(sink.bytes);
    return std::move(sink.bytes);
}

Bytes Picture::pdf(const Look& look) const {
    constexpr double points = 72.0 / 96.0;  // for each pixel
    Sink sink{look};
    const Surface surface(cairo_pdf_surface_create_for_stream(append, &sink, width_ * points, height_ * points));
    cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, nullptr);
    Renderer renderer(surface.get(), false);
    cairo_scale(renderer.context, points, points);
    play(renderer, look);
    finish(surface.get(), sink);
    return std::move(sink.bytes);
}

void Picture::require_format(const std::filesystem::path& path) { format_of(path); }

void Picture::save(const std::filesystem::path& path, const Look& look) const {
    io::write_file_atomically(path, (this->*format_of(path).encode)(look));
}

}  // namespace musegan
