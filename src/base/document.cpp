#include "mosaic/document.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace mosaic {
namespace {

Error too_large(std::string_view field, std::size_t size, std::size_t limit) {
  return {ErrorCode::kPayloadTooLarge,
          fmt::format("{} has {} bytes, at most {}", field, size, limit)};
}

/// Text may hold newlines and other control characters, but no NUL: C strings would end there.
Status validate_text(const std::optional<std::string>& text, std::string_view field) {
  if (!text) return {};
  if (text->size() > kTextBytesMax) return too_large(field, text->size(), kTextBytesMax);
  if (text->find('\0') != std::string::npos)
    return invalid(fmt::format("{} holds a NUL character", field));
  if (!is_utf8(*text)) return invalid(fmt::format("{} is not valid UTF-8", field));
  return {};
}

Status validate_links(const std::vector<Link>& links) {
  if (links.size() > kLinksMax) {
    return {Error{ErrorCode::kPayloadTooLarge,
                  fmt::format("links has {} items, at most {}", links.size(), kLinksMax)}};
  }
  for (std::size_t i = 0; i < links.size(); ++i) {
    if (const auto checked = validate_id(links[i].to, fmt::format("links[{}].to", i)); !checked)
      return checked;
    if (!links[i].kind.empty()) {
      if (const auto checked = validate_id(links[i].kind, fmt::format("links[{}].kind", i));
          !checked)
        return checked;
    }
    if (!std::isfinite(links[i].weight))
      return invalid(fmt::format("links[{}].weight is not a finite number", i));
  }
  return {};
}

}  // namespace

Status validate_id(std::string_view id, std::string_view field) {
  if (id.empty()) return invalid(fmt::format("{} is empty", field));
  if (id.size() > kIdBytesMax)
    return invalid(fmt::format("{} has {} bytes, at most {}", field, id.size(), kIdBytesMax));
  if (!is_utf8(id)) return invalid(fmt::format("{} is not valid UTF-8", field));
  if (holds_control(id)) return invalid(fmt::format("{} holds a control character", field));
  return {};
}

Status validate_vector(const Vector& vector, const CollectionSettings& settings) {
  if (vector.size() != settings.dimension) {
    return Error{ErrorCode::kDimensionMismatch,
                 fmt::format("vector has {} dimensions, collection '{}' expects {}", vector.size(),
                             settings.name, settings.dimension)};
  }
  const auto bad =
      std::find_if_not(vector.begin(), vector.end(), [](float x) { return std::isfinite(x); });
  if (bad != vector.end()) {
    return invalid(fmt::format("vector[{}] is not a finite 32-bit number", bad - vector.begin()));
  }
  const auto zero = [](float x) { return x == 0; };
  if (settings.metric == Metric::kCosine && std::all_of(vector.begin(), vector.end(), zero)) {
    return invalid("vector is zero, which has no direction under the cosine metric");
  }
  return {};
}

Status validate(const Document& document, const CollectionSettings& settings) {
  if (const auto checked = validate_id(document.id, "id"); !checked) return checked;
  if (const auto checked = validate_text(document.title, "title"); !checked) return checked;
  if (const auto checked = validate_text(document.text, "text"); !checked) return checked;
  if (document.metadata.size() > kMetadataBytesMax) {
    return too_large("metadata", document.metadata.size(), kMetadataBytesMax);
  }
  if (const auto checked = validate_links(document.links); !checked) return checked;
  if (document.vector.empty()) return {};
  return validate_vector(document.vector, settings);
}

}  // namespace mosaic
