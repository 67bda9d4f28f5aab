#include "net/s3_xml.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <pugixml.hpp>
#include <sstream>

#include "net/url.hpp"

namespace mosaic::net {
namespace {

/// The document's root when it has that name.
pugi::xml_node root(pugi::xml_document& document, std::string_view xml, const char* name) {
  if (!document.load_buffer(xml.data(), xml.size())) return {};
  return document.child(name);
}

std::optional<std::string> text_of(const pugi::xml_node& parent, const char* name) {
  const auto child = parent.child(name);
  if (!child) return std::nullopt;
  return std::string(child.text().get());
}

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

/// `encoding-type=url` encodes as forms do: a blank is a '+'.
std::optional<std::string> decode_key(std::string key) {
  std::replace(key.begin(), key.end(), '+', ' ');
  return unescape(key);
}

std::optional<S3Object> parse_object(const pugi::xml_node& node, bool is_encoded) {
  const auto key = text_of(node, "Key");
  const auto size = text_of(node, "Size");
  const auto modified = text_of(node, "LastModified");
  if (!key || !size || !modified) return std::nullopt;
  auto decoded = is_encoded ? decode_key(*key) : key;
  const auto bytes = number_of<std::uint64_t>(*size);
  const auto time = parse_s3_time(*modified);
  if (!decoded || !bytes || !time) return std::nullopt;
  return S3Object{std::move(*decoded), *bytes, *time};
}

}  // namespace

std::optional<S3Page> parse_list(std::string_view xml) {
  pugi::xml_document document;
  const auto list = root(document, xml, "ListBucketResult");
  const auto truncated = text_of(list, "IsTruncated");
  if (!truncated || (*truncated != "true" && *truncated != "false")) return std::nullopt;
  // A server that does not know `encoding-type` does not say that it did.
  const bool is_encoded = text_of(list, "EncodingType") == "url";
  S3Page page;
  for (const auto& node : list.children("Contents")) {
    auto object = parse_object(node, is_encoded);
    if (!object) return std::nullopt;
    page.objects.push_back(std::move(*object));
  }
  if (*truncated == "false") return page;
  page.next_token = text_of(list, "NextContinuationToken").value_or("");
  if (page.next_token.empty()) return std::nullopt;
  return page;
}

std::optional<S3Error> parse_error(std::string_view xml) {
  pugi::xml_document document;
  const auto error = root(document, xml, "Error");
  auto code = text_of(error, "Code");
  if (!code || code->empty()) return std::nullopt;
  return S3Error{std::move(*code), text_of(error, "Message").value_or("")};
}

std::optional<std::string> parse_upload_id(std::string_view xml) {
  pugi::xml_document document;
  auto id = text_of(root(document, xml, "InitiateMultipartUploadResult"), "UploadId");
  if (id && id->empty()) return std::nullopt;
  return id;
}

bool is_complete_result(std::string_view xml) {
  pugi::xml_document document;
  if (!document.load_buffer(xml.data(), xml.size())) return false;
  // Servers do not agree on the name around it.
  return static_cast<bool>(document.document_element().child("ETag"));
}

std::string complete_request(const std::vector<std::string>& etags) {
  pugi::xml_document document;
  auto upload = document.append_child("CompleteMultipartUpload");
  upload.append_attribute("xmlns").set_value("http://s3.amazonaws.com/doc/2006-03-01/");
  for (std::size_t i = 0; i < etags.size(); ++i) {
    auto part = upload.append_child("Part");
    part.append_child("PartNumber").text().set(static_cast<unsigned long long>(i + 1));
    part.append_child("ETag").text().set(etags[i].c_str());
  }
  std::ostringstream out;
  document.save(out, "", pugi::format_raw | pugi::format_no_declaration);
  return out.str();
}

std::optional<std::int64_t> parse_s3_time(std::string_view text) {
  // 2009-10-12T17:50:30.000Z; some servers leave the fraction out.
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':' || text.back() != 'Z') {
    return std::nullopt;
  }
  const auto year = number_of<int>(text.substr(0, 4));
  const auto month = number_of<unsigned>(text.substr(5, 2));
  const auto day = number_of<unsigned>(text.substr(8, 2));
  const auto hour = number_of<int>(text.substr(11, 2));
  const auto minute = number_of<int>(text.substr(14, 2));
  const auto second = number_of<int>(text.substr(17, 2));
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                         std::chrono::day(*day)};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto time = std::chrono::sys_days(date) + std::chrono::hours(*hour) +
                    std::chrono::minutes(*minute) + std::chrono::seconds(*second);
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

}  // namespace mosaic::net
