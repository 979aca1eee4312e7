// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

extern "C" {
#include "status.h"
}

#include <gmock/gmock.h>

#include <climits>
#include <cmath>
#include <thread>

using testing::StrEq;

TEST(Status, OkHasAnEmptyMessage) {
  mixc_status status = mixc_ok();
  EXPECT_EQ(status.code, MIXC_OK);
  EXPECT_THAT(status.message, StrEq(""));
}

TEST(Status, FormatsWhatTheRuntimeUses) {
  mixc_status status = mixc_fail(MIXC_DRIVER, "%s|%d|%d|%lld|%zu|100%%", "text", 42, INT_MIN, LLONG_MIN, SIZE_MAX);
  EXPECT_EQ(status.code, MIXC_DRIVER);
  EXPECT_THAT(status.message, StrEq("text|42|-2147483648|-9223372036854775808|18446744073709551615|100%"));
}

TEST(Status, Numbers) {
  for (auto [value, text] : {std::pair{0.0, "0"},
                             {-0.25, "-0.25"},
                             {12.0, "12"},
                             {-5.00004, "-5"},
                             {0.05, "0.05"},
                             {-0.99999, "-1"},
                             {2.5e11, "250000000000"},
                             {-2.5e37, "-2.5e+37"},
                             {-INFINITY, "-inf"},
                             {double(NAN), "nan"}})
    EXPECT_STREQ(mixc_fail(MIXC_DRIVER, "%g", value).message, text);
}

TEST(Status, FormatsZero) { EXPECT_THAT(mixc_fail(MIXC_DRIVER, "%d", 0).message, StrEq("0")); }

TEST(Status, CutsLongTextsOff) {
  char buffer[8];
  mixc_text text = mixc_text_in(buffer, sizeof buffer);
  mixc_text_append(&text, "%s", "12345");
  mixc_text_append(&text, "%d", 67890);
  EXPECT_THAT(buffer, StrEq("1234567"));
  mixc_text_append(&text, "more");
  EXPECT_THAT(buffer, StrEq("1234567"));
}

TEST(Status, MessageBelongsToTheThread) {
  mixc_status mine = mixc_fail(MIXC_DRIVER, "mine");
  std::thread([] { EXPECT_THAT(mixc_fail(MIXC_DRIVER, "theirs").message, StrEq("theirs")); }).join();
  EXPECT_THAT(mine.message, StrEq("mine"));
}

TEST(Status, Version) { EXPECT_THAT(mixc_version(), StrEq("0.1")); }
