// Jobs as the JSON of the public contract. Pure.
#pragma once

#include <string>
#include <vector>

#include "mosaic/job.hpp"

namespace mosaic::http {

std::string job_json(const Job& job);
std::string jobs_json(const std::vector<Job>& jobs);

}  // namespace mosaic::http
