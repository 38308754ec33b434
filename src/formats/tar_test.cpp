#include "formats/tar.h"

#include <gmock/gmock.h>

#include <random>

#include "formats/tar_builder.h"

namespace formats {
namespace {

using testing::HasSubstr;

constexpr std::size_t kMost = 1 << 20;

// "path=content" of files, "path kind" of others; the error's words as the last.
std::vector<std::string> listed(const std::string& archive) {
  const auto bytes = base::bytes_of(archive);
  TarReader reader(*bytes);
  std::vector<std::string> found;
  while (true) {
    const auto member = reader.next();
    if (!member) found.push_back(member.error().what);
    if (!member || !*member) return found;
    const auto& one = **member;
    if (one.kind != TarKind::kFile) {
      constexpr const char* kNames[] = {"", "folder", "link", "hard link", "sparse", "other"};
      found.push_back(one.path + " " + kNames[static_cast<int>(one.kind)] +
                      (one.target.empty() ? "" : " " + one.target));
      continue;
    }
    const auto content = reader.content(kMost);
    if (!content) {
      found.push_back(content.error().what);
      return found;
    }
    found.push_back(one.path + "=" + content->value_or("(too large)") +
                    (one.leads_out ? " leads out" : ""));
  }
}

TEST(Tar, FilesFoldersAndLinks) {
  TarBuilder tar;
  tar.add({.name = "./", .type = '5'})
      .file("./a", "one")
      .file("empty", "")
      .add({.name = "proc/net", .type = '2', .target = "self/net"})
      .add({.name = "b", .type = '1', .target = "./a"})
      .file("last", std::string(512, 'x'));
  EXPECT_THAT(listed(tar.end()),
              testing::ElementsAre(" folder", "a=one", "empty=", "proc/net link self/net",
                                   "b hard link a", "last=" + std::string(512, 'x')));
  EXPECT_EQ(listed(tar.without_end()).size(), 6U) << "the end may be missing";
}

TEST(Tar, LongNamesInAllThreeWays) {
  const std::string folder(120, 'd');
  const std::string name = folder + "/" + std::string(90, 'f');
  TarBuilder tar;
  tar.add({.name = std::string(90, 'f'), .content = "1", .prefix = folder})
      .add({.name = "././@LongLink", .content = name + std::string(1, '\0'), .type = 'L'})
      .file("cut", "2")
      .pax("path", name)
      .file("cut", "3")
      .add({.name = "././@LongLink", .content = name, .type = 'K'})
      .add({.name = "l", .type = '2', .target = "cut"})
      .file("plain", "4");
  EXPECT_THAT(listed(tar.end()), testing::ElementsAre(name + "=1", name + "=2", name + "=3",
                                                      "l link " + name, "plain=4"));
}

TEST(Tar, SizesAsBytesAndInPax) {
  TarBuilder tar;
  tar.add({.name = "bytes",
           .content = "abc",
           .size = std::string("\x80\0\0\0\0\0\0\0\0\0\0\x03", 12)})
      .pax("size", "2")
      .add({.name = "pax", .content = "de", .size = "00000000000"});
  EXPECT_THAT(listed(tar.end()), testing::ElementsAre("bytes=abc", "pax=de"));
}

TEST(Tar, NamesThatLeadOutAreMarked) {
  TarBuilder tar;
  tar.file("../../etc/passwd", "x").file("/etc/shadow", "y").file("a/../../b", "z");
  EXPECT_THAT(listed(tar.end()),
              testing::ElementsAre("=x leads out", "etc/shadow=y", "=z leads out"));
}

TEST(Tar, OtherKindsAndSparseFiles) {
  std::string map(512, '\0');
  TarBuilder tar;
  tar.add({.name = "dev/null", .type = '3'})
      .add({.name = "pipe", .type = '6'})
      .add({.name = "holes", .content = "x", .type = 'S'})
      .pax("GNU.sparse.major", "1")
      .file("more", "x")
      .file("a", "1");
  EXPECT_THAT(listed(tar.end()), testing::ElementsAre("dev/null other", "pipe other",
                                                      "holes sparse", "more sparse", "a=1"));
}

TEST(Tar, ALyingSizeIsNoMemory) {
  TarBuilder huge;
  huge.add({.name = "a", .content = "x", .size = "77777777777"});
  EXPECT_THAT(listed(huge.end()),
              testing::ElementsAre("a=(too large)", "the archive is cut short"));
  TarBuilder overflowing;
  overflowing.add({.name = "a",
                   .content = "x",
                   .size = std::string("\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 12)});
  EXPECT_THAT(listed(overflowing.end()), testing::ElementsAre("the archive is damaged"));
  TarBuilder negative;
  negative.add({.name = "a", .content = "x", .size = std::string(12, '\xff')});
  EXPECT_THAT(listed(negative.end()), testing::ElementsAre("the archive is damaged"));
  TarBuilder name;
  name.add({.name = "././@LongLink", .content = "x", .type = 'L', .size = "77777777777"});
  EXPECT_THAT(listed(name.end()), testing::ElementsAre("the archive is damaged"));
}

TEST(Tar, DamagedPaxRecords) {
  for (const std::string& records :
       {std::string("x"), std::string("99 path=a\n"), std::string("5 a\n"), std::string("0 \n"),
        std::string("9 path=ab"), std::string("11 size=-1x\n"),
        std::string("99999999999999999999 a=b\n")}) {
    TarBuilder tar;
    tar.add({.name = "x", .content = records, .type = 'x'}).file("a", "1");
    EXPECT_THAT(listed(tar.end()), testing::ElementsAre("the archive is damaged")) << records;
  }
}

TEST(Tar, WhatIsNoneAndWhatIsDamagedIsToldApart) {
  EXPECT_THAT(listed("").back(), HasSubstr("no tar archive"));
  EXPECT_THAT(listed("hello").back(), HasSubstr("no tar archive"));
  EXPECT_THAT(listed(std::string(2048, 'x')).back(), HasSubstr("no tar archive"));
  TarBuilder tar;
  tar.file("a", "1").file("b", "2");
  auto damaged = tar.end();
  damaged[1024 + 3] = 'x';
  EXPECT_THAT(listed(damaged), testing::ElementsAre("a=1", "the archive is damaged"));
}

TEST(Tar, OneThatIsCutShortIsNoticed) {
  TarBuilder tar;
  tar.file("a", std::string(700, 'x')).file("b", "2");
  const auto whole = tar.without_end();
  for (std::size_t length = 512; length < whole.size(); ++length) {
    // Between two members nothing tells that one is missing but the end that GNU tar wants.
    if (length == 1536) continue;
    const auto found = listed(whole.substr(0, length));
    EXPECT_EQ(found.back(), "the archive is cut short") << length;
  }
}

TEST(Tar, NoRubbishIsTooMuch) {
  std::mt19937_64 random(11);  // NOLINT: the same each time
  TarBuilder tar;
  tar.add({.name = "././@LongLink", .content = "name", .type = 'L'})
      .file("a", "1")
      .pax("path", "long")
      .file("b", std::string(600, 'y'));
  const auto whole = tar.end();
  for (int round = 0; round < 3000; ++round) {
    auto damaged = whole;
    for (int byte = 0; byte < 3; ++byte) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    (void)listed(damaged);
  }
}

}  // namespace
}  // namespace formats
