#include "http/job_replies.hpp"

#include "base/json_writer.hpp"
#include "http/answer.hpp"

namespace mosaic::http {
namespace {

void write_job(JsonWriter& json, const Job& job) {
  json.begin_object();
  json.key("id").string(job.id);
  json.key("kind").string(job.kind);
  json.key("state").string(to_string(job.state));
  json.key("progress").number(job.progress);
  json.key("detail").string(job.detail);
  json.key("result");
  job.result.empty() ? json.null() : json.raw(job.result);
  json.end_object();
}

}  // namespace

std::string job_json(const Job& job) {
  JsonWriter json;
  write_job(json, job);
  return json.take();
}

std::string jobs_json(const std::vector<Job>& jobs) {
  JsonWriter json;
  json.begin_object().key("jobs").begin_array();
  for (const auto& job : jobs) write_job(json, job);
  json.end_array().end_object();
  return json.take();
}

Response job_started(const Job& job) {
  auto response = json_response(job_json(job), 202);
  response.headers.push_back({"Location", std::string(kJobs) + "/" + job.id});
  return response;
}

}  // namespace mosaic::http
