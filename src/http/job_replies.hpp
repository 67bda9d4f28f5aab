// Jobs as the JSON of the public contract, and the answer to whoever started one. Pure.
#pragma once

#include <string>
#include <vector>

#include "http/message.hpp"
#include "mosaic/job.hpp"

namespace mosaic::http {

inline constexpr std::string_view kJobs = "/api/v1/jobs";

std::string job_json(const Job& job);
std::string jobs_json(const std::vector<Job>& jobs);

/// 202, with the place of the job as `Location`.
Response job_started(const Job& job);

}  // namespace mosaic::http
